package io.podslice.shim.tap;

import io.podslice.grpc.http2.FrameView;

/** The frames that a runtime sends. */
final class RuntimeSide extends Side {

    RuntimeSide(Connection connection) {
        super(connection, connection.toClient, connection.toRuntime);
    }

    @Override
    void ended() {
        connection.responsesEnded();
    }

    @Override
    boolean wantsFields(FrameView frame) {
        return connection.streams.get(frame.stream()) != null;
    }

    @Override
    FrameAction open(FrameView frame, boolean flushed) {
        return mustFollow(frame) && !flushed ? FrameAction.FLUSH_FIRST : passHeaders(frame);
    }

    @Override
    void seeHeaders(Stream stream, FrameView frame) {
        stream.responseEnded |= frame.endsStream();
        Call call = stream.call;
        if (call != null && !stream.answered) {
            call.responseHeaders(new HeaderFields(frame.fields()));
            if (frame.endsStream()) {
                call.responseEnded();
            }
        }
    }

    @Override
    boolean seeData(Stream stream, FrameView frame) {
        stream.responseEnded |= frame.endsStream();
        Call call = stream.call;
        if (call != null && !stream.answered) {
            call.responseData(frame.buffer(), frame.payloadFrom(), frame.payloadTo());
            if (frame.endsStream()) {
                call.responseEnded();
            }
        }
        return false;
    }

    @Override
    boolean refusesFrame(Stream stream, FrameView frame) {
        return false;
    }

    @Override
    void seeReset(Stream stream) {
        stream.runtimeReset = true;
        stream.responseEnded = true;
        if (stream.toRuntime.released) {
            connection.discard(connection.toRuntime, stream);
        }
        if (stream.call != null && !stream.answered) {
            stream.call.responseEnded();
        }
        connection.retire(stream);
    }

    @Override
    boolean isAlone() {
        return false;
    }

    /** The client takes streams above the last id for never begun, and closes them by itself. */
    @Override
    void goAway(FrameView frame) {
        // By a PING after it the runtime asks if the client has seen it.
        back.pings.passAll();
        if (frame.length() < 2 * Integer.BYTES) {
            return;
        }
        int last = frame.number(0) & Integer.MAX_VALUE;
        for (int i = connection.streams.size() - 1; i >= 0; i--) {
            Stream stream = connection.streams.at(i);
            if (stream.id > last) {
                if (stream.call != null) {
                    stream.call.gone();
                }
                connection.abandon(stream);
            }
        }
    }
}
