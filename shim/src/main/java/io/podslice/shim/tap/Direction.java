package io.podslice.shim.tap;

import io.podslice.shim.http2.FlowWindow;
import io.podslice.shim.http2.Frames;
import io.podslice.shim.http2.HpackDecoder;
import java.util.ArrayDeque;

/**
 * One of a connection's two directions: what is known of the frames that travel that way. Guarded by the connection's
 * lock, but for its lane.
 */
final class Direction {
    /** As large a header list as grpc-go accepts. */
    private static final long MAX_HEADER_LIST_BYTES = 16 << 20;

    private static final int UNCHANGED = -1;

    final Lane lane;
    final HpackDecoder decoder = new HpackDecoder(MAX_HEADER_LIST_BYTES);
    final FlowWindow window = new FlowWindow(Frames.DEFAULT_WINDOW);

    /**
     * Whether header blocks are sent on as literals, since the receiver's header table is no longer the sender's: a
     * block that changed it was delayed or dropped.
     */
    boolean translated;

    /** Whether the sender has ended its half of the connection. */
    boolean ended;

    private int initialWindow = Frames.DEFAULT_WINDOW;
    /** For each SETTINGS frame of the receiver that the sender has not acknowledged: its initial window. */
    private final ArrayDeque<Integer> unacknowledged = new ArrayDeque<>();

    Direction(Lane lane) {
        this.lane = lane;
    }

    /** The window of a stream that opens now: what the sender has acknowledged binds it. */
    int initialWindow() {
        return initialWindow;
    }

    /**
     * The receiver's SETTINGS pass on their way to the sender.
     *
     * @param window SETTINGS_INITIAL_WINDOW_SIZE, negative if it is not among them
     */
    void settingsSent(int window) {
        unacknowledged.add(window < 0 ? UNCHANGED : window);
    }

    /**
     * The sender acknowledges the receiver's oldest SETTINGS.
     *
     * @return by how much the window of every open stream changes
     */
    int settingsAcknowledged() {
        Integer acknowledged = unacknowledged.poll();
        if (acknowledged == null || acknowledged == UNCHANGED) {
            return 0;
        }
        int difference = acknowledged - initialWindow;
        initialWindow = acknowledged;
        return difference;
    }
}
