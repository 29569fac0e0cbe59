package io.podslice.shim.tap;

import io.podslice.grpc.http2.FrameView;
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
        if (connection.farewell.refuses(frame.stream())) {
            return flushed ? drop(frame) : FrameAction.FLUSH_FIRST;
        }
        Interception interception = interceptions.of(frame.fields());
        if (interception == null) {
            return mustFollow(frame) && !flushed ? FrameAction.FLUSH_FIRST : passHeaders(frame);
        }
        if (!flushed) {
            return FrameAction.FLUSH_FIRST;
        }
        // A request without a message is none that could be acted on.
        if (frame.endsStream()) {
            return passHeaders(frame);
        }
        HeaderFields fields = new HeaderFields(frame.fields());
        return switch (interception) {
            case Held held -> hold(frame, held, fields);
            case Endless _ -> {
                connection.farewell.passesEndless(frame.stream());
                yield passHeaders(frame);
            }
            case Observed observed -> {
                connection.streams.add(new ObservedCall(connection, frame.stream(), fields, observed).stream);
                yield passHeaders(frame);
            }
        };
    }

    /** Drops a call that the client repeats on another connection: the runtime never hears of its stream. */
    private FrameAction drop(FrameView frame) {
        out.blocks.divert(frame);
        Stream stream = new Stream(
                frame.stream(),
                new Outflow(connection.toRuntime.newWindow()),
                new Outflow(connection.toClient.newWindow()),
                null);
        stream.requestEnded = frame.endsStream();
        stream.runtimeReset = true;
        stream.toRuntime.gate = Outflow.Gate.DROP;
        stream.toClient.gate = Outflow.Gate.DROP;
        connection.streams.add(stream);
        connection.answered(stream);
        return FrameAction.TAKEN;
    }

    private FrameAction hold(FrameView frame, Held handler, HeaderFields fields) {
        RequestHead head = RequestHead.of(fields, handler.needsContentType());
        HeldRequest call = new HeldRequest(connection, frame.stream(), fields, handler, head.timeout());
        connection.streams.add(call.stream);
        if (head.rejection() != null) {
            passInLine(frame);
            call.reject(head.rejection());
            return FrameAction.TAKEN;
        }
        connection.credit.makeRoom();
        passWithoutLength(frame);
        return FrameAction.TAKEN;
    }

    /**
     * The length of a held request may change, so its headers must not name one. gRPC clients do not. The runtime has no use
     * for headers without their message, so that both go in one piece.
     */
    private void passWithoutLength(FrameView frame) {
        out.pings.otherPasses();
        if (frame.removeFields(CONTENT_LENGTH)) {
            sendFields(frame);
        } else {
            passWithNext(frame);
        }
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
    boolean refusesFrame(Stream stream, FrameView frame) {
        if (stream.toRuntime.gate == Outflow.Gate.DROP) {
            connection.toRuntime.window.take(frame.length(), 0);
            connection.credit.settle(connection.toRuntime, stream);
            connection.credit.makeRoom();
            return true;
        }
        return stream.call != null && stream.call.refusesFrame(frame.length());
    }

    @Override
    void seeEnd(int stream) {
        // The call ends with the runtime's side.
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
    FrameAction goAway(FrameView frame, boolean flushed) {
        // It concerns streams that the runtime would open, and there are none.
        return FrameAction.PASS;
    }

    @Override
    boolean answersFarewell(long opaque) {
        return connection.farewell.awaits(opaque);
    }
}
