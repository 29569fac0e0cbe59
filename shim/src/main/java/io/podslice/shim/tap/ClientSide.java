package io.podslice.shim.tap;

import io.podslice.shim.http2.FrameView;
import java.nio.charset.StandardCharsets;

/** The frames that a client sends. */
final class ClientSide extends Side {
    private static final byte[] CONTENT_LENGTH = "content-length".getBytes(StandardCharsets.US_ASCII);

    private final Interceptions interceptions;

    ClientSide(Connection connection, Interceptions interceptions) {
        super(connection, connection.toRuntime, connection.toClient);
        this.interceptions = interceptions;
    }

    @Override
    void ended() {
        connection.requestsEnded();
    }

    @Override
    boolean wantsFields(FrameView frame) {
        return true;
    }

    @Override
    FrameAction open(FrameView frame, boolean flushed) {
        Interception interception = interceptions.of(frame.fields());
        if (interception == null) {
            return mustFollow(frame) && !flushed ? FrameAction.FLUSH_FIRST : passHeaders(frame);
        }
        if (!flushed) {
            return FrameAction.FLUSH_FIRST;
        }
        // A request without a message is none that could be acted on.
        if (!frame.endsStream()) {
            connection.streams.add(call(interception, frame).stream);
            if (interception instanceof Held) {
                connection.credit.makeRoom();
                return passWithoutLength(frame);
            }
        }
        return passHeaders(frame);
    }

    private Call call(Interception interception, FrameView frame) {
        HeaderFields head = new HeaderFields(frame.fields());
        return switch (interception) {
            case Held held -> new HeldRequest(connection, frame.stream(), head, held);
            case Observed observed -> new ObservedCall(connection, frame.stream(), head, observed);
        };
    }

    /** The length of a held request may change, so its headers must not name one. gRPC clients do not. */
    private FrameAction passWithoutLength(FrameView frame) {
        if (!frame.removeFields(CONTENT_LENGTH)) {
            return passHeaders(frame);
        }
        sendFields(frame);
        return FrameAction.TAKEN;
    }

    @Override
    void seeHeaders(Stream stream, FrameView frame) {
        stream.requestEnded |= frame.endsStream();
        if (stream.call != null) {
            stream.call.requestTrailers();
        }
    }

    @Override
    boolean seeData(Stream stream, FrameView frame) {
        stream.requestEnded |= frame.endsStream();
        Call call = stream.call;
        return call != null
                && call.requestData(
                        frame.buffer(), frame.payloadFrom(), frame.payloadTo(), frame.length(), frame.endsStream());
    }

    @Override
    void seeReset(Stream stream) {
        stream.requestEnded = true;
        stream.clientReset = true;
        if (stream.call != null) {
            stream.call.cancelled();
        }
        if (stream.answered) {
            connection.discard(connection.toClient, stream);
            connection.retire(stream);
        } else {
            connection.abandon(stream);
        }
    }

    @Override
    boolean isAlone() {
        return connection.hasStreamOfClientAlone();
    }

    @Override
    void goAway(FrameView frame) {
        // It concerns streams that the runtime would open, and there are none.
    }
}
