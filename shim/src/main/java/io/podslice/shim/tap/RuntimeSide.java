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
    void seeEnd(int stream) {
        connection.farewell.ended(stream);
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
    FrameAction goAway(FrameView frame, boolean flushed) {
        if (frame.length() < 2 * Integer.BYTES || !back.hasSettings()) {
            return FrameAction.PASS; // in place of SETTINGS, or shorter than it can be: the client finds out
        }
        if (!flushed) {
            return FrameAction.FLUSH_FIRST;
        }
        // By a PING after it the runtime asks if the client has seen it.
        back.pings.passAll();
        int last = frame.number(0) & Integer.MAX_VALUE;
        boolean passes = connection.farewell.passes(last);
        for (int i = connection.streams.size() - 1; i >= 0; i--) {
            Stream stream = connection.streams.at(i);
            if (stream.id > last) {
                if (stream.call != null) {
                    stream.call.gone();
                }
                connection.abandon(stream);
            }
        }
        if (passes) {
            // In line with those of the farewell, which name lower streams.
            out.frames.inject(frame.copy());
        }
        return FrameAction.TAKEN;
    }

    @Override
    boolean answersFarewell(long opaque) {
        return false;
    }
}
