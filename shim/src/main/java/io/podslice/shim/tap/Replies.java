package io.podslice.shim.tap;

import io.podslice.grpc.GrpcStatus;
import io.podslice.grpc.Header;
import io.podslice.shim.tap.Decision.Answer;
import io.podslice.shim.tap.Decision.Fail;
import io.podslice.shim.tap.Decision.Relay;
import io.podslice.shim.tap.Decision.Reply;
import io.podslice.shim.tap.Outflow.Block;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The frames of an answer of podslice's own. */
final class Replies {
    private static final Header HTTP_OK = new Header(":status", "200");
    private static final Header GRPC = new Header("content-type", "application/grpc");
    private static final HeaderFields OPENING = HeaderFields.of(HTTP_OK, GRPC);
    private static final HeaderFields CLOSING = HeaderFields.of(new Header("grpc-status", "0"));

    private Replies() {}

    /** Puts the frames of an answer in line for the client. */
    static void queue(Connection connection, Stream stream, Reply reply) {
        switch (reply) {
            case Answer(ByteBuffer message) -> {
                stream.toClient.queue.add(new Block(OPENING, false));
                connection.add(connection.toClient, stream, Message.framed(message), false);
                stream.toClient.queue.add(new Block(CLOSING, true));
            }
            case Relay relay -> queue(connection, stream, relay);
            case Fail(GrpcStatus status) -> stream.toClient.queue.add(new Block(trailersOnly(status), true));
        }
        if (!stream.requestEnded) {
            stream.toClient.queue.add(Direction.EARLY_END);
        }
    }

    /** Puts a runtime's response in line; one without trailers ends with its last frame, whichever that is. */
    private static void queue(Connection connection, Stream stream, Relay relay) {
        boolean trailed = !relay.trailers().isEmpty();
        ByteBuffer message = relay.message();
        if (!relay.headers().isEmpty()) {
            stream.toClient.queue.add(new Block(HeaderFields.of(relay.headers()), !trailed && message == null));
        }
        if (message != null) {
            connection.add(connection.toClient, stream, Message.framed(message), !trailed);
        }
        if (trailed) {
            stream.toClient.queue.add(new Block(HeaderFields.of(relay.trailers()), true));
        }
    }

    private static HeaderFields trailersOnly(GrpcStatus status) {
        return HeaderFields.of(
                HTTP_OK,
                GRPC,
                new Header("grpc-status", Integer.toString(status.code())),
                new Header("grpc-message", percentEncoded(status.message())));
    }

    /** Encodes a status text for gRPC: printable ASCII as it is but for the percent sign, every other byte as %XX. */
    static String percentEncoded(String text) {
        StringBuilder out = new StringBuilder(text.length());
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            if (b >= ' ' && b <= '~' && b != '%') {
                out.append((char) b);
            } else {
                out.append('%')
                        .append(Character.toUpperCase(Character.forDigit((b >> 4) & 15, 16)))
                        .append(Character.toUpperCase(Character.forDigit(b & 15, 16)));
            }
        }
        return out.toString();
    }
}
