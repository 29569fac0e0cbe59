package io.podslice.shim.tap;

import io.podslice.shim.http2.Field;
import io.podslice.shim.http2.Frames;
import io.podslice.shim.tap.Decision.Answer;
import io.podslice.shim.tap.Decision.Fail;
import io.podslice.shim.tap.Decision.Relay;
import io.podslice.shim.tap.Decision.Reply;
import io.podslice.shim.tap.Outflow.Block;
import io.podslice.shim.tap.Outflow.Reset;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The frames of an answer of our own. */
final class Replies {
    private static final Field HTTP_OK = Field.of(":status", "200");
    private static final Field GRPC = Field.of("content-type", "application/grpc");
    private static final Field GRPC_OK = Field.of("grpc-status", "0");

    private Replies() {}

    /** Puts the frames of an answer in line for the client. */
    static void queue(Connection connection, Stream stream, Reply reply) {
        switch (reply) {
            case Answer(ByteBuffer message) -> {
                stream.toClient.queue.add(new Block(List.of(HTTP_OK, GRPC), false));
                connection.add(connection.toClient, stream, Message.framed(message), false);
                stream.toClient.queue.add(new Block(List.of(GRPC_OK), true));
            }
            case Relay relay -> queue(connection, stream, relay);
            case Fail(GrpcStatus status) -> stream.toClient.queue.add(new Block(trailersOnly(status), true));
        }
        if (!stream.requestEnded) {
            // A server that answers early tells the client so that it need not send the rest (RFC 9113, 8.1).
            stream.toClient.queue.add(new Reset(Frames.NO_ERROR));
        }
    }

    /** A response that ended without trailers ends with its last frame, whichever that is. */
    private static void queue(Connection connection, Stream stream, Relay relay) {
        boolean trailed = !relay.trailers().isEmpty();
        ByteBuffer message = relay.message();
        if (!relay.headers().isEmpty()) {
            stream.toClient.queue.add(new Block(fields(relay.headers()), !trailed && message == null));
        }
        if (message != null) {
            connection.add(connection.toClient, stream, Message.framed(message), !trailed);
        }
        if (trailed) {
            stream.toClient.queue.add(new Block(fields(relay.trailers()), true));
        }
    }

    private static List<Field> fields(List<Header> headers) {
        return headers.stream()
                .map(header -> Field.of(header.name(), header.value()))
                .toList();
    }

    private static List<Field> trailersOnly(GrpcStatus status) {
        List<Field> fields = new ArrayList<>(4);
        fields.add(HTTP_OK);
        fields.add(GRPC);
        fields.add(Field.of("grpc-status", Integer.toString(status.code())));
        fields.add(Field.of("grpc-message", percentEncoded(status.message())));
        return fields;
    }

    /** As the gRPC protocol wants it: printable ASCII as it is but for the percent sign, every other byte as %XX. */
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
