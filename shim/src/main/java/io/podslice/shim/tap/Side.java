package io.podslice.shim.tap;

import io.podslice.grpc.http2.FrameView;
import io.podslice.grpc.http2.Frames;
import io.podslice.shim.tap.Outflow.Block;
import io.podslice.shim.tap.Outflow.Gate;
import io.podslice.shim.tap.Outflow.Payload;
import io.podslice.shim.tap.Outflow.Reset;
import org.jspecify.annotations.Nullable;

/**
 * The meaning of one peer's frames for the connection. Called by the pump of that peer, with the connection's
 * lock held.
 */
abstract sealed class Side permits ClientSide, RuntimeSide {
    private static final int MAX_WINDOW = Integer.MAX_VALUE;

    final Connection connection;
    /** The way that the peer's frames go. */
    final Direction out;
    /** The way to the peer, whose windows and header table are its own affair. */
    final Direction back;

    private final PingRelay pings;

    Side(Connection connection, Direction out, Direction back) {
        this.connection = connection;
        this.out = out;
        this.back = back;
        this.pings = new PingRelay(out, back);
    }

    /** Tells whether all of a frame must have come before its action is known. */
    final boolean wantsWhole(FrameView frame) {
        return switch (frame.type()) {
            case Frames.DATA ->
                !isTooLong(frame)
                        && (connection.streams.get(frame.stream()) != null || out.window.overruns(frame.length()));
            case Frames.HEADERS,
                    Frames.PUSH_PROMISE,
                    Frames.CONTINUATION,
                    Frames.RST_STREAM,
                    Frames.SETTINGS,
                    Frames.PING,
                    Frames.GOAWAY,
                    Frames.WINDOW_UPDATE -> true;
            default -> false;
        };
    }

    /** Called when the peer ends its half of the connection. */
    abstract void ended();

    /** Tells whether the fields of a header block are read even where the block goes on as it is. */
    abstract boolean wantsFields(FrameView frame);

    /**
     * Decodes a header block, in its turn; where its fields are not needed, only the header table is followed.
     *
     * @return false if the block is not valid: nothing that follows on the connection can be decoded
     */
    final boolean decode(FrameView frame) {
        return out.blocks.decode(frame, out.blocks.translated() || wantsFields(frame));
    }

    /**
     * Decides on a frame.
     *
     * @param flushed whether everything before it has been written
     */
    final FrameAction action(FrameView frame, boolean flushed) {
        return switch (frame.type()) {
            case Frames.DATA -> data(frame, flushed);
            case Frames.HEADERS -> headers(frame, flushed);
            case Frames.PUSH_PROMISE -> out.blocks.translated() ? FrameAction.BROKEN : FrameAction.PASS;
            case Frames.CONTINUATION -> FrameAction.BROKEN;
            case Frames.RST_STREAM -> reset(frame, flushed);
            case Frames.SETTINGS -> settings(frame, flushed);
            case Frames.PING -> ping(frame, flushed);
            case Frames.WINDOW_UPDATE -> windowUpdate(frame, flushed);
            case Frames.GOAWAY -> goAway(frame, flushed);
            default -> FrameAction.PASS;
        };
    }

    // ---- DATA

    private FrameAction data(FrameView frame, boolean flushed) {
        out.pings.otherSends();
        if (frame.endsStream()) {
            seeEnd(frame.stream());
        }
        Stream stream = connection.streams.get(frame.stream());
        if (stream == null && !out.window.overruns(frame.length())) {
            passed(frame);
            return FrameAction.PASS;
        }
        if (!flushed) {
            return FrameAction.FLUSH_FIRST;
        }
        if (isTooLong(frame)) {
            return stream != null && refusesFrame(stream, frame) ? FrameAction.SKIPPED : FrameAction.BROKEN;
        }
        if (!frame.findPayload()) {
            return FrameAction.BROKEN;
        }
        if (stream == null) {
            stream = connection.track(frame.stream());
            queueUp(stream);
        } else if (seeData(stream, frame)) {
            return FrameAction.TAKEN;
        }
        return forward(stream, frame);
    }

    private void passed(FrameView frame) {
        out.pings.otherPasses();
        out.window.pass(frame.length());
        connection.credit.makeRoom();
    }

    private FrameAction forward(Stream stream, FrameView frame) {
        Outflow outflow = connection.outflow(stream, out);
        FlowWindow window = outflow.window;
        boolean overruns = out.window.overruns(frame.length()) || (window != null && window.overruns(frame.length()));
        if (outflow.gate == Gate.PASS && overruns) {
            queueUp(stream);
        }
        return switch (outflow.gate) {
            case PASS -> {
                passed(frame);
                if (window != null) {
                    window.pass(frame.length());
                }
                connection.retire(stream);
                yield FrameAction.PASS;
            }
            case QUEUE -> {
                enqueue(outflow, frame);
                connection.drain(out);
                connection.credit.makeRoom();
                yield FrameAction.TAKEN;
            }
            case DROP -> {
                out.window.take(frame.length(), 0);
                connection.credit.settle(out, stream);
                connection.credit.makeRoom();
                yield FrameAction.TAKEN;
            }
        };
    }

    /** Lets frames of the stream wait for a window of which the sender was granted more than is left. */
    private void queueUp(Stream stream) {
        Outflow outflow = connection.outflow(stream, out);
        outflow.gate = Gate.QUEUE;
        outflow.released = true;
    }

    /** Puts a DATA frame in line, padding too: its receiver gives back what the sender paid for that. */
    private void enqueue(Outflow outflow, FrameView frame) {
        int length = frame.payloadTo() - frame.payloadFrom();
        int padding = frame.length() - length;
        byte[] payload = new byte[length];
        frame.buffer().get(frame.payloadFrom(), payload);
        outflow.queue.add(new Payload(new ByteRange(payload, 0, length), frame.endsStream() && padding == 0));
        if (padding > 0) {
            outflow.queue.add(new Payload(new ByteRange(new byte[padding], 0, padding), frame.endsStream(), true));
        }
        out.window.take(frame.length(), frame.length());
        if (outflow.window != null) {
            outflow.window.take(frame.length(), frame.length());
        }
    }

    private boolean isTooLong(FrameView frame) {
        return frame.length() > Frames.MAX_PAYLOAD && frame.length() > out.largestFrame();
    }

    /** Refuses a DATA frame that is longer than the receiver allows; false if that is left to the receiver. */
    abstract boolean refusesFrame(Stream stream, FrameView frame);

    /** Shows a DATA frame to the stream's call; true if the call has taken it. */
    abstract boolean seeData(Stream stream, FrameView frame);

    // ---- HEADERS

    private FrameAction headers(FrameView frame, boolean flushed) {
        out.pings.otherSends();
        if (frame.endsStream()) {
            seeEnd(frame.stream());
        }
        Stream stream = connection.streams.get(frame.stream());
        if (stream == null) {
            return open(frame, flushed);
        }
        if (!flushed) {
            return FrameAction.FLUSH_FIRST;
        }
        seeHeaders(stream, frame);
        return forwardHeaders(stream, frame);
    }

    private FrameAction forwardHeaders(Stream stream, FrameView frame) {
        Outflow outflow = connection.outflow(stream, out);
        return switch (outflow.gate) {
            case PASS -> {
                connection.retire(stream);
                yield passHeaders(frame);
            }
            case QUEUE -> {
                out.blocks.divert(frame);
                outflow.queue.add(new Block(new HeaderFields(frame.fields()), frame.endsStream()));
                connection.drain(out);
                yield FrameAction.TAKEN;
            }
            case DROP -> {
                out.blocks.divert(frame);
                yield FrameAction.TAKEN;
            }
        };
    }

    /** Decides on headers of a stream that is not followed: one that opens, or trailers. */
    abstract FrameAction open(FrameView frame, boolean flushed);

    /** Shows headers to the stream's call. */
    abstract void seeHeaders(Stream stream, FrameView frame);

    /** Tells whether headers can go on only when everything before them has been written. */
    final boolean mustFollow(FrameView frame) {
        return out.blocks.translated() || frame.resizedTable();
    }

    /** Lets headers go on; everything before them has been written if they {@link #mustFollow}. */
    final FrameAction passHeaders(FrameView frame) {
        out.pings.otherPasses();
        // One that resizes the table too: the first block of all after SETTINGS has to say the table's size.
        if (out.blocks.translated() || frame.resizedTable()) {
            passInLine(frame);
            return FrameAction.TAKEN;
        }
        out.blocks.passed();
        return FrameAction.PASS;
    }

    /** Lets headers go on in line with frames that the tap puts there right behind them. */
    final void passInLine(FrameView frame) {
        if (out.blocks.translated()) {
            sendFields(frame);
        } else {
            out.blocks.passed();
            out.frames.inject(frame.copy());
        }
    }

    /** Lets headers go on as {@link #passInLine} does, together with the frame that follows them. */
    final void passWithNext(FrameView frame) {
        if (out.blocks.translated()) {
            sendFields(frame);
        } else {
            out.blocks.passed();
            out.frames.injectWithNext(frame.copy());
        }
    }

    /** Sends the fields of a peer's block in a block of the tap's own, which takes its place. */
    final void sendFields(FrameView frame) {
        out.blocks.divert(frame);
        out.frames.inject(out.blocks.frames(frame.stream(), frame.fields(), frame.endsStream(), frame.priority()));
    }

    // ---- RST_STREAM, GOAWAY

    private FrameAction reset(FrameView frame, boolean flushed) {
        connection.farewell.ended(frame.stream());
        Stream stream = frame.length() == Integer.BYTES ? connection.streams.get(frame.stream()) : null;
        if (stream == null) {
            return FrameAction.PASS;
        }
        if (!flushed) {
            return FrameAction.FLUSH_FIRST;
        }
        seeReset(stream);
        Outflow outflow = connection.outflow(stream, out);
        return switch (outflow.gate) {
            case PASS -> FrameAction.PASS;
            case QUEUE -> {
                outflow.queue.add(new Reset(frame.number(0)));
                connection.drain(out);
                yield FrameAction.TAKEN;
            }
            case DROP -> FrameAction.TAKEN;
        };
    }

    /** Called when the peer ends its side of a stream, whether the stream is followed or not. */
    abstract void seeEnd(int stream);

    /** Called when the peer resets a stream. */
    abstract void seeReset(Stream stream);

    /** Called when the peer says that it will not act on streams above some id. */
    abstract FrameAction goAway(FrameView frame, boolean flushed);

    // ---- SETTINGS

    private FrameAction settings(FrameView frame, boolean flushed) {
        if (frame.has(Frames.ACK)) {
            return acknowledged(frame, flushed);
        }
        boolean first = !back.hasSettings();
        if (!first && !flushed) {
            return FrameAction.FLUSH_FIRST;
        }
        var table = frame.setting(Frames.SETTINGS_HEADER_TABLE_SIZE);
        Announced settings = new Announced(
                frame.setting(Frames.SETTINGS_INITIAL_WINDOW_SIZE).last(),
                frame.setting(Frames.SETTINGS_MAX_FRAME_SIZE).last(),
                table.least(),
                table.last());
        if (table.largest() >= 0) {
            back.blocks.allowTable(table.largest());
        }
        int told = connection.brake.told(back, settings.window());
        back.settingsSent(settings, told);
        if (first) {
            return FrameAction.PASS;
        }
        if (told != settings.window()) {
            frame.changeSetting(Frames.SETTINGS_INITIAL_WINDOW_SIZE, told);
        }
        // Acknowledgements keep the order of the SETTINGS, the tap's own among them.
        out.frames.inject(frame.copy());
        return FrameAction.TAKEN;
    }

    /**
     * Follows an acknowledgement: from there on, and not before, the peer's frames keep to the other one's SETTINGS.
     */
    private FrameAction acknowledged(FrameView frame, boolean flushed) {
        if (!flushed) {
            return FrameAction.FLUSH_FIRST;
        }
        int difference = out.receiversDifference();
        int sendersDifference = out.sendersDifference();
        boolean own = out.nextIsOwn();
        if (difference < 0 && connection.hasUncountedWaiting(out)) {
            // It was sent before the window became smaller, and has to arrive before.
            return FrameAction.WAIT;
        }
        out.settingsAcknowledged();
        if (!own) {
            // In line with what others put there: that may count on the new windows.
            out.frames.inject(frame.copy());
        }
        for (int i = 0; i < connection.streams.size(); i++) {
            FlowWindow window = connection.outflow(connection.streams.at(i), out).window;
            if (window != null) {
                window.resize(sendersDifference, difference);
            }
        }
        connection.drain(out);
        connection.credit.makeRoom();
        return FrameAction.TAKEN;
    }

    private FrameAction ping(FrameView frame, boolean flushed) {
        if (frame.length() != Long.BYTES || frame.stream() != 0) {
            return FrameAction.PASS;
        }
        long opaque = (long) frame.number(0) << Integer.SIZE | Integer.toUnsignedLong(frame.number(Integer.BYTES));
        if (!frame.has(Frames.ACK)) {
            return pings.asked(opaque, flushed, isAlone());
        }
        return answersFarewell(opaque) ? farewell(flushed) : pings.acknowledged(opaque, flushed);
    }

    private FrameAction farewell(boolean flushed) {
        if (!flushed) {
            return FrameAction.FLUSH_FIRST;
        }
        connection.farewell.answered();
        return FrameAction.TAKEN;
    }

    /** Tells whether an acknowledgement of these eight bytes answers a PING of the connection's farewell. */
    abstract boolean answersFarewell(long opaque);

    /** Tells whether the peer has a stream open that the other peer knows nothing of any more. */
    abstract boolean isAlone();

    // ---- WINDOW_UPDATE

    private FrameAction windowUpdate(FrameView frame, boolean flushed) {
        int increment = frame.length() == Integer.BYTES ? frame.number(0) & MAX_WINDOW : 0;
        if (increment == 0) {
            return FrameAction.PASS;
        }
        Stream stream = frame.stream() == 0 ? null : connection.streams.get(frame.stream());
        FlowWindow window = frame.stream() == 0 ? back.window : window(stream);
        if (window == null) {
            return FrameAction.PASS;
        }
        boolean dropped = stream != null && stream.answered;
        int tell = dropped ? 0 : window.tells(increment);
        // On a stream that is followed another thread may put RST_STREAM in line, which must not overtake this.
        boolean passes = stream == null && tell > 0;
        if (!passes && !flushed) {
            return FrameAction.FLUSH_FIRST;
        }
        window.update(increment);
        if (stream != null && tell > 0) {
            out.frames.inject(Frames.windowUpdate(stream.id, tell));
        }
        connection.drain(back);
        connection.credit.makeRoom();
        if (!passes) {
            return FrameAction.TAKEN;
        }
        if (tell < increment) {
            frame.number(0, tell);
        }
        return FrameAction.PASS;
    }

    private @Nullable FlowWindow window(@Nullable Stream stream) {
        return stream == null ? null : connection.outflow(stream, back).window;
    }
}
