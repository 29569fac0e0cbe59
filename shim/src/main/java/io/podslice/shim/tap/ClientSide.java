package io.podslice.shim.tap;

import io.podslice.shim.http2.Field;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What a client sends. */
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
    boolean wantsFields(Unit unit) {
        return true;
    }

    @Override
    Course open(Unit unit, boolean flushed) {
        Interception interception = interceptions.of(unit.fields);
        if (interception == null) {
            return mustFollow(unit) && !flushed ? Course.FLUSH_FIRST : passHeaders(unit);
        }
        if (!flushed) {
            return Course.FLUSH_FIRST;
        }
        // A request without a message is none that anybody could act on.
        if (!unit.endsStream()) {
            connection.streams.add(call(interception, unit).stream);
            if (interception instanceof Held) {
                connection.credit.makeRoom();
                return passWithoutLength(unit);
            }
        }
        return passHeaders(unit);
    }

    private Call call(Interception interception, Unit unit) {
        List<Field> fields = List.copyOf(unit.fields);
        String path = Interceptions.path(fields);
        return switch (interception) {
            case Held held -> new HeldRequest(connection, unit.stream(), path, fields, held);
            case Observed observed -> new ObservedCall(connection, unit.stream(), path, fields, observed);
        };
    }

    /** The length of a held request may change, so its headers must not name one. gRPC clients do not. */
    private Course passWithoutLength(Unit unit) {
        if (!unit.fields.removeIf(field -> field.isNamed(CONTENT_LENGTH))) {
            return passHeaders(unit);
        }
        out.blocks.divert(unit);
        sendFields(unit);
        return Course.TAKEN;
    }

    @Override
    void seeHeaders(Stream stream, Unit unit) {
        stream.requestEnded |= unit.endsStream();
        if (stream.call != null) {
            stream.call.requestTrailers();
        }
    }

    @Override
    boolean seeData(Stream stream, Unit unit) {
        stream.requestEnded |= unit.endsStream();
        Call call = stream.call;
        return call != null
                && call.requestData(
                        unit.buffer(), unit.payloadFrom(), unit.payloadTo(), unit.length(), unit.endsStream());
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
    void goAway(Unit unit) {
        // It concerns streams that the runtime would open, and there are none.
    }
}
