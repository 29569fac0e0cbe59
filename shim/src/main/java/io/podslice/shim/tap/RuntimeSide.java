package io.podslice.shim.tap;

/** What a runtime sends. */
final class RuntimeSide extends Side {

    RuntimeSide(Connection connection) {
        super(connection, connection.toClient, connection.toRuntime);
    }

    @Override
    void ended() {
        connection.responsesEnded();
    }

    @Override
    boolean wantsFields(Unit unit) {
        return out.blocks.translated() || connection.streams.get(unit.stream()) != null;
    }

    @Override
    Course open(Unit unit, boolean flushed) {
        return mustFollow(unit) && !flushed ? Course.FLUSH_FIRST : passHeaders(unit);
    }

    @Override
    void seeHeaders(Stream stream, Unit unit) {
        stream.responseEnded |= unit.endsStream();
        Call call = stream.call;
        if (call != null && !stream.answered) {
            call.responseHeaders(unit.fields);
            if (unit.endsStream()) {
                call.responseEnded();
            }
        }
    }

    @Override
    boolean seeData(Stream stream, Unit unit) {
        stream.responseEnded |= unit.endsStream();
        Call call = stream.call;
        if (call != null && !stream.answered) {
            call.responseData(unit.buffer(), unit.payloadFrom(), unit.payloadTo());
            if (unit.endsStream()) {
                call.responseEnded();
            }
        }
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

    /** The client takes streams above the last id for never begun, and closes them by itself. */
    @Override
    void goAway(Unit unit) {
        if (unit.length() < 2 * Integer.BYTES) {
            return;
        }
        int last = unit.number(0) & Integer.MAX_VALUE;
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
