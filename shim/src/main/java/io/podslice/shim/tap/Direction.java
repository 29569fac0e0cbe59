package io.podslice.shim.tap;

import io.podslice.shim.http2.HeaderBlocks;
import io.podslice.shim.tap.Outflow.Block;
import java.util.ArrayDeque;

/**
 * One of a connection's two directions: the state of the frames that travel that way. Guarded by the connection's
 * lock, but for its frames.
 */
final class Direction {
    final OutgoingFrames frames;
    final HeaderBlocks blocks = new HeaderBlocks();
    final FlowWindow window = new FlowWindow(Connection.DEFAULT_WINDOW);

    private static final byte[] NO_PRIORITY = {};

    /** True once the sender has ended its half of the connection. */
    boolean ended;

    private int initialWindow = Connection.DEFAULT_WINDOW;
    /** The SETTINGS frames of the receiver that the sender has not acknowledged. */
    private final ArrayDeque<Announced> unacknowledged = new ArrayDeque<>();

    Direction(OutgoingFrames frames) {
        this.frames = frames;
    }

    /**
     * The settings of a SETTINGS frame that matter here; negative where it has none.
     *
     * @param window SETTINGS_INITIAL_WINDOW_SIZE, bytes
     * @param leastTable smallest SETTINGS_HEADER_TABLE_SIZE in the frame, bytes
     * @param lastTable last SETTINGS_HEADER_TABLE_SIZE in the frame, bytes
     */
    record Announced(int window, int leastTable, int lastTable) {
        static final Announced NOTHING = new Announced(-1, -1, -1);

        Announced withWindow(int bytes) {
            return new Announced(bytes, leastTable, lastTable);
        }

        Announced withTable(int bytes) {
            return new Announced(window, leastTable < 0 ? bytes : Math.min(leastTable, bytes), bytes);
        }
    }

    /** Puts a header block of the tap's own in line, which leaves the receiver's header table as it is. */
    void inject(int stream, Block block) {
        frames.inject(blocks.frames(stream, block.fields().list(), block.end(), NO_PRIORITY));
    }

    /** Returns the window of a stream that opens now, in bytes: the size that the sender has acknowledged. */
    int initialWindow() {
        return initialWindow;
    }

    /** Notes SETTINGS of the receiver that pass on their way to the sender. */
    void settingsSent(Announced settings) {
        unacknowledged.add(settings);
    }

    /** Returns the bytes by which every open stream's window changes with the sender's next acknowledgement. */
    int nextDifference() {
        Announced next = unacknowledged.peek();
        return next == null || next.window < 0 ? 0 : next.window - initialWindow;
    }

    /** Puts the receiver's oldest SETTINGS in force: the sender acknowledges them. */
    void settingsAcknowledged() {
        Announced settings = unacknowledged.poll();
        if (settings == null) {
            return;
        }
        if (settings.window >= 0) {
            initialWindow = settings.window;
        }
        if (settings.lastTable >= 0) {
            blocks.limitTable(settings.leastTable, settings.lastTable);
        }
    }
}
