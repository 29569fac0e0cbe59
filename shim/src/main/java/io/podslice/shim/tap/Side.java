package io.podslice.shim.tap;

import io.podslice.shim.http2.FlowWindow;
import io.podslice.shim.http2.Frames;
import io.podslice.shim.tap.Direction.Announced;
import io.podslice.shim.tap.Outflow.Block;
import io.podslice.shim.tap.Outflow.Gate;
import io.podslice.shim.tap.Outflow.Payload;
import io.podslice.shim.tap.Outflow.Reset;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the frames that one peer sends mean for the connection. Called by the pump of that peer, with the connection's
 * lock held.
 */
abstract sealed class Side permits ClientSide, RuntimeSide {
    private static final int MAX_WINDOW = Integer.MAX_VALUE;

    final Connection connection;
    /** The way that the peer's frames go. */
    final Direction out;
    /** The way to the peer, whose windows and header table are its own affair. */
    final Direction back;

    Side(Connection connection, Direction out, Direction back) {
        this.connection = connection;
        this.out = out;
        this.back = back;
    }

    /** Whether the course of a frame can be said only once all of it has come. */
    final boolean wantsWhole(Unit unit) {
        return switch (unit.type()) {
            case Frames.DATA -> connection.streams.get(unit.stream()) != null || out.window.overruns(unit.length());
            case Frames.HEADERS,
                    Frames.PUSH_PROMISE,
                    Frames.CONTINUATION,
                    Frames.RST_STREAM,
                    Frames.SETTINGS,
                    Frames.GOAWAY,
                    Frames.WINDOW_UPDATE -> true;
            default -> false;
        };
    }

    /** The peer ends its half of the connection. */
    abstract void ended();

    /** Whether somebody reads the fields of a header block; if not, only the header table follows it. */
    abstract boolean wantsFields(Unit unit);

    /**
     * Says what becomes of a frame.
     *
     * @param flushed whether everything before it has been written
     */
    final Course course(Unit unit, boolean flushed) {
        return switch (unit.type()) {
            case Frames.DATA -> data(unit, flushed);
            case Frames.HEADERS -> headers(unit, flushed);
            case Frames.PUSH_PROMISE -> out.blocks.translated() ? Course.BROKEN : Course.PASS;
            case Frames.CONTINUATION -> Course.BROKEN;
            case Frames.RST_STREAM -> reset(unit, flushed);
            case Frames.SETTINGS -> settings(unit, flushed);
            case Frames.WINDOW_UPDATE -> windowUpdate(unit, flushed);
            case Frames.GOAWAY -> {
                goAway(unit);
                yield Course.PASS;
            }
            default -> Course.PASS;
        };
    }

    // ---- DATA

    private Course data(Unit unit, boolean flushed) {
        Stream stream = connection.streams.get(unit.stream());
        if (stream == null && !out.window.overruns(unit.length())) {
            passed(unit);
            return Course.PASS;
        }
        if (!flushed) {
            return Course.FLUSH_FIRST;
        }
        if (!unit.findPayload()) {
            return Course.BROKEN;
        }
        if (stream == null) {
            stream = connection.track(unit.stream());
            queueUp(stream);
        } else if (seeData(stream, unit)) {
            return Course.TAKEN;
        }
        return forward(stream, unit);
    }

    private void passed(Unit unit) {
        out.window.pass(unit.length());
        connection.credit.makeRoom();
    }

    private Course forward(Stream stream, Unit unit) {
        Outflow outflow = connection.outflow(stream, out);
        FlowWindow window = outflow.window;
        boolean overruns = out.window.overruns(unit.length()) || (window != null && window.overruns(unit.length()));
        if (outflow.gate == Gate.PASS && overruns) {
            queueUp(stream);
        }
        return switch (outflow.gate) {
            case PASS -> {
                passed(unit);
                if (window != null) {
                    window.pass(unit.length());
                }
                connection.retire(stream);
                yield Course.PASS;
            }
            case QUEUE -> {
                enqueue(outflow, unit);
                connection.drain(out);
                yield Course.TAKEN;
            }
            case DROP -> {
                out.window.take(unit.length(), 0);
                connection.credit.settle(out, stream);
                yield Course.TAKEN;
            }
        };
    }

    /** Frames of the stream wait for a window of which the sender was granted more than is left. */
    private void queueUp(Stream stream) {
        Outflow outflow = connection.outflow(stream, out);
        outflow.gate = Gate.QUEUE;
        outflow.released = true;
    }

    /** Padding waits with the rest: what the sender paid for it, its receiver will give back. */
    private void enqueue(Outflow outflow, Unit unit) {
        int length = unit.payloadTo() - unit.payloadFrom();
        int padding = unit.length() - length;
        byte[] payload = new byte[length];
        unit.buffer().get(unit.payloadFrom(), payload);
        outflow.queue.add(new Payload(new Slice(payload, 0, length), unit.endsStream() && padding == 0));
        if (padding > 0) {
            outflow.queue.add(new Payload(new Slice(new byte[padding], 0, padding), unit.endsStream(), true));
        }
        out.window.take(unit.length(), unit.length());
        if (outflow.window != null) {
            outflow.window.take(unit.length(), unit.length());
        }
    }

    /** Shows a DATA frame to the stream's call; true if the call has taken it. */
    abstract boolean seeData(Stream stream, Unit unit);

    // ---- HEADERS

    private Course headers(Unit unit, boolean flushed) {
        Stream stream = connection.streams.get(unit.stream());
        if (stream == null) {
            return open(unit, flushed);
        }
        if (!flushed) {
            return Course.FLUSH_FIRST;
        }
        seeHeaders(stream, unit);
        return forwardHeaders(stream, unit);
    }

    private Course forwardHeaders(Stream stream, Unit unit) {
        Outflow outflow = connection.outflow(stream, out);
        return switch (outflow.gate) {
            case PASS -> {
                connection.retire(stream);
                yield passHeaders(unit);
            }
            case QUEUE -> {
                out.blocks.divert(unit);
                outflow.queue.add(new Block(List.copyOf(unit.fields), unit.endsStream()));
                connection.drain(out);
                yield Course.TAKEN;
            }
            case DROP -> {
                out.blocks.divert(unit);
                yield Course.TAKEN;
            }
        };
    }

    /** Headers of a stream that is not followed: one that opens, or trailers. */
    abstract Course open(Unit unit, boolean flushed);

    /** Shows headers to the stream's call. */
    abstract void seeHeaders(Stream stream, Unit unit);

    /** Whether headers can go on only when everything before them has been written. */
    final boolean mustFollow(Unit unit) {
        return out.blocks.translated() || unit.resizedTable;
    }

    /** Lets headers go on; everything before them has been written if they {@link #mustFollow}. */
    final Course passHeaders(Unit unit) {
        if (out.blocks.translated()) {
            sendFields(unit);
            return Course.TAKEN;
        }
        out.blocks.passed();
        if (unit.resizedTable) {
            // In line with blocks of our own: the first of all after SETTINGS has to say the table's size.
            out.lane.inject(unit.copy());
            return Course.TAKEN;
        }
        return Course.PASS;
    }

    final void sendFields(Unit unit) {
        out.lane.inject(out.blocks.frames(unit.stream(), unit.fields, unit.endsStream(), unit.priority()));
    }

    // ---- RST_STREAM, GOAWAY

    private Course reset(Unit unit, boolean flushed) {
        Stream stream = unit.length() == Integer.BYTES ? connection.streams.get(unit.stream()) : null;
        if (stream == null) {
            return Course.PASS;
        }
        if (!flushed) {
            return Course.FLUSH_FIRST;
        }
        seeReset(stream);
        Outflow outflow = connection.outflow(stream, out);
        return switch (outflow.gate) {
            case PASS -> Course.PASS;
            case QUEUE -> {
                outflow.queue.add(new Reset(unit.number(0)));
                connection.drain(out);
                yield Course.TAKEN;
            }
            case DROP -> Course.TAKEN;
        };
    }

    /** The peer resets a stream. */
    abstract void seeReset(Stream stream);

    /** The peer will not act on streams above some id. */
    abstract void goAway(Unit unit);

    // ---- SETTINGS

    private Course settings(Unit unit, boolean flushed) {
        if (unit.has(Frames.ACK)) {
            return acknowledged(unit, flushed);
        }
        Announced settings = Announced.NOTHING;
        for (int i = 0; i + 6 <= unit.length(); i += 6) {
            int value = unit.number(i + 2);
            switch (unit.shortNumber(i)) {
                case Frames.SETTINGS_HEADER_TABLE_SIZE -> {
                    back.blocks.allowTable(Integer.toUnsignedLong(value));
                    settings = settings.withTable(value < 0 ? Integer.MAX_VALUE : value);
                }
                case Frames.SETTINGS_INITIAL_WINDOW_SIZE -> settings = settings.withWindow(value);
                default -> {
                    // Nothing that is followed here.
                }
            }
        }
        back.settingsSent(settings);
        return Course.PASS;
    }

    /** From its acknowledgement on, and not before, the peer's frames keep to what the other one has set. */
    private Course acknowledged(Unit unit, boolean flushed) {
        if (!flushed) {
            return Course.FLUSH_FIRST;
        }
        int difference = out.nextDifference();
        if (difference < 0 && connection.hasUncountedWaiting(out)) {
            // It was sent before the window became smaller, and has to arrive before.
            return Course.WAIT;
        }
        out.settingsAcknowledged();
        // In line with what others put there: that may count on the new windows.
        out.lane.inject(unit.copy());
        for (int i = 0; i < connection.streams.size(); i++) {
            FlowWindow window = connection.outflow(connection.streams.at(i), out).window;
            if (window != null) {
                window.resize(difference);
            }
        }
        connection.drain(out);
        connection.credit.makeRoom();
        return Course.TAKEN;
    }

    // ---- WINDOW_UPDATE

    private Course windowUpdate(Unit unit, boolean flushed) {
        int increment = unit.length() == Integer.BYTES ? unit.number(0) & MAX_WINDOW : 0;
        if (increment == 0) {
            return Course.PASS;
        }
        Stream stream = unit.stream() == 0 ? null : connection.streams.get(unit.stream());
        FlowWindow window = unit.stream() == 0 ? back.window : window(stream);
        if (window == null) {
            return Course.PASS;
        }
        boolean dropped = stream != null && stream.answered;
        int tell = dropped ? 0 : window.tells(increment);
        // On a stream that is followed somebody else may put RST_STREAM in line, which must not overtake this.
        boolean passes = stream == null && tell > 0;
        if (!passes && !flushed) {
            return Course.FLUSH_FIRST;
        }
        window.update(increment);
        if (stream != null && tell > 0) {
            out.lane.inject(Frames.windowUpdate(stream.id, tell));
        }
        connection.drain(back);
        connection.credit.makeRoom();
        if (!passes) {
            return Course.TAKEN;
        }
        if (tell < increment) {
            unit.number(0, tell);
        }
        return Course.PASS;
    }

    private @Nullable FlowWindow window(@Nullable Stream stream) {
        return stream == null ? null : connection.outflow(stream, back).window;
    }
}
