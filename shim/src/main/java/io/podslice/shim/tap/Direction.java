package io.podslice.shim.tap;

import io.podslice.grpc.http2.Frames;
import io.podslice.grpc.http2.HeaderBlocks;
import io.podslice.shim.tap.Outflow.Block;
import io.podslice.shim.tap.Outflow.Item;
import io.podslice.shim.tap.Outflow.Payload;
import io.podslice.shim.tap.Outflow.Reset;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/**
 * One of a connection's two directions: the state of the frames that travel that way. Guarded by the connection's
 * lock, but for its frames.
 */
final class Direction {
    /** The window of a connection, and of a stream unless SETTINGS say otherwise (RFC 9113, 6.9.2), in bytes. */
    static final int DEFAULT_WINDOW = Frames.DEFAULT_WINDOW;

    /**
     * The last frame to a client that was answered before it had sent all of its request: as a server does, it tells the
     * client that it need not send the rest (RFC 9113, 8.1).
     */
    static final Reset EARLY_END = new Reset(Frames.NO_ERROR);

    /** The last frame to a client that has sent a frame above the length that the runtime allows. */
    static final Reset FRAME_TOO_LONG = new Reset(Frames.FRAME_SIZE_ERROR);

    private static final byte[] NO_PRIORITY = {};

    final OutgoingFrames frames;
    final HeaderBlocks blocks = new HeaderBlocks();
    final FlowWindow window = new FlowWindow(DEFAULT_WINDOW);
    /** The PINGs of the receiver, which frames of this direction provoke. */
    final PingLedger pings = new PingLedger();

    /** True once the sender has ended its half of the connection. */
    boolean ended;

    /** The window of a stream, as the receiver has announced it and the sender has acknowledged. */
    private int initialWindow = DEFAULT_WINDOW;
    /** The window of a stream, as the receiver has announced it last. */
    private int announcedWindow = DEFAULT_WINDOW;
    /** The window of a stream as the sender knows it. */
    private int sendersWindow = DEFAULT_WINDOW;

    private boolean hasSettings;
    private int maxFrame = Frames.MAX_PAYLOAD;
    /** The SETTINGS frames of the receiver that the sender has not acknowledged. */
    private final ArrayDeque<Told> unacknowledged = new ArrayDeque<>();

    /**
     * SETTINGS as the sender was told them.
     *
     * @param settings the receiver's; nothing where the tap has told the sender of itself
     * @param window SETTINGS_INITIAL_WINDOW_SIZE as told, in bytes; negative where the frame has none
     * @param own true if the tap has told the sender of itself
     */
    private record Told(Announced settings, int window, boolean own) {}

    Direction(OutgoingFrames frames) {
        this.frames = frames;
    }

    /**
     * Sends what waits on a stream, as far as the windows let it.
     *
     * @return true if that was all of it
     */
    boolean send(int stream, Outflow out) {
        for (Item item = out.queue.peek(); item != null; item = out.queue.peek()) {
            switch (item) {
                case Payload payload -> {
                    if (!send(stream, out, payload)) {
                        return false;
                    }
                }
                case Block(HeaderFields fields, boolean end) -> {
                    pings.sendsOwn();
                    frames.inject(blocks.frames(stream, fields.list(), end, NO_PRIORITY));
                }
                case Reset(int error) -> frames.inject(Frames.rstStream(stream, error));
            }
            out.queue.poll();
        }
        return true;
    }

    /** Sends a payload as far as the windows allow; true if that was all of it. */
    private boolean send(int stream, Outflow out, Payload payload) {
        ByteRange bytes = payload.bytes();
        while (true) {
            long most = Math.min(bytes.length(), window.receiver());
            if (out.window != null) {
                most = Math.min(most, out.window.receiver());
            }
            if (most <= 0 && bytes.length() > 0) {
                return false;
            }
            int n = Math.clamp(most, 0, payload.padding() ? Frames.MAX_PADDING : Frames.MAX_PAYLOAD);
            boolean last = n == bytes.length();
            boolean end = last && (payload.end() || dropBareEnd(out));
            pings.sendsOwn();
            if (payload.padding()) {
                frames.inject(Frames.padding(stream, n, end));
            } else {
                ByteBuffer body = ByteBuffer.wrap(bytes.bytes(), bytes.from(), n);
                frames.inject(Frames.dataHeader(stream, n, end), body);
            }
            bytes.skip(n);
            window.send(n);
            if (out.window != null) {
                out.window.send(n);
            }
            if (last) {
                return true;
            }
        }
    }

    /** Leaves out an empty frame with END_STREAM that alone follows: the flag goes with the last payload. */
    private static boolean dropBareEnd(Outflow out) {
        if (out.queue.size() != 2
                || !(out.queue.peekLast() instanceof Payload next)
                || next.bytes().length() > 0
                || !next.end()) {
            return false;
        }
        out.queue.pollLast();
        return true;
    }

    /** Acknowledges the receiver's PING with these eight bytes. */
    void acknowledgePing(long opaque) {
        frames.inject(Frames.pingAck(opaque));
    }

    /** Tells the receiver, by SETTINGS of the tap's own, of another window of its streams, in bytes. */
    void announceWindow(int bytes) {
        frames.inject(Frames.settings(Frames.SETTINGS_INITIAL_WINDOW_SIZE, bytes));
    }

    /** Resets a stream with CANCEL, as a client does that wants no answer any more. */
    void cancel(int stream) {
        frames.inject(Frames.rstStream(stream, Frames.CANCEL));
    }

    /** Tells the receiver that it may send more in the other direction, on a stream or (0) on the connection. */
    void openWindow(int stream, int bytes) {
        frames.inject(Frames.windowUpdate(stream, bytes));
    }

    /** Returns the window of a stream that opens now: with the sizes that the sender has acknowledged. */
    FlowWindow newWindow() {
        return new FlowWindow(sendersWindow, initialWindow);
    }

    /** Returns the window of a stream as the receiver has announced it last, in bytes. */
    int announcedWindow() {
        return announcedWindow;
    }

    /** Returns the window of a stream as the sender knows it, in bytes. */
    int sendersWindow() {
        return sendersWindow;
    }

    /** Tells whether SETTINGS of the receiver have passed. */
    boolean hasSettings() {
        return hasSettings;
    }

    /** Returns the largest payload of a frame, in bytes, that the receiver may have allowed the sender by now. */
    int largestFrame() {
        int largest = maxFrame;
        for (Told told : unacknowledged) {
            largest = Math.max(largest, told.settings.frame());
        }
        return largest;
    }

    /**
     * Notes SETTINGS of the receiver that pass on their way to the sender.
     *
     * @param window SETTINGS_INITIAL_WINDOW_SIZE as the sender is told it, in bytes
     */
    void settingsSent(Announced settings, int window) {
        hasSettings = true;
        if (settings.window() >= 0) {
            announcedWindow = settings.window();
        }
        unacknowledged.add(new Told(settings, settings.window() < 0 ? -1 : window, false));
    }

    /** Notes SETTINGS of the tap's own that tell the sender of another window of its streams, in bytes. */
    void tellsSender(int window) {
        unacknowledged.add(new Told(Announced.NOTHING, window, true));
    }

    /** Tells whether the sender's next acknowledgement is one of SETTINGS of the tap's own. */
    boolean nextIsOwn() {
        Told next = unacknowledged.peek();
        return next != null && next.own;
    }

    /** Returns the bytes by which every open stream's window changes for the receiver with the next acknowledgement. */
    int receiversDifference() {
        Told next = unacknowledged.peek();
        return next == null || next.settings.window() < 0 ? 0 : next.settings.window() - initialWindow;
    }

    /** Returns the bytes by which every open stream's window changes for the sender with its next acknowledgement. */
    int sendersDifference() {
        Told next = unacknowledged.peek();
        return next == null || next.window < 0 ? 0 : next.window - sendersWindow;
    }

    /** Puts the oldest SETTINGS in force: the sender acknowledges them. */
    void settingsAcknowledged() {
        Told told = unacknowledged.poll();
        if (told == null) {
            return;
        }
        if (told.window >= 0) {
            sendersWindow = told.window;
        }
        Announced settings = told.settings;
        if (settings.window() >= 0) {
            initialWindow = settings.window();
        }
        if (settings.frame() >= 0) {
            maxFrame = settings.frame();
        }
        if (settings.lastTable() >= 0) {
            blocks.limitTable(settings.leastTable(), settings.lastTable());
        }
    }
}
