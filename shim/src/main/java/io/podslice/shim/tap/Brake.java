package io.podslice.shim.tap;

/**
 * Slows a client down while large messages of its wait for memory: by SETTINGS of the tap's own its streams get a small
 * window, so that it sends little but what it is granted stream by stream. Without it, a client that sends on all its
 * streams in turn fills every window that the runtime has opened before one message is whole. The runtime knows nothing of
 * it. Guarded by the connection's lock.
 */
final class Brake {
    /** The window of a client's stream while it is slowed down, in bytes: one frame. */
    private static final int SMALL_WINDOW = 16_384;

    private final Connection connection;
    private int waiting;
    private boolean on;

    Brake(Connection connection) {
        this.connection = connection;
    }

    /** Counts the messages that wait for memory: one more, or one less. */
    void waits(int one) {
        waiting += one;
        Direction direction = connection.toRuntime;
        if (waiting > 0 && !on && direction.hasSettings() && direction.announcedWindow() > SMALL_WINDOW) {
            on = true;
            tell(SMALL_WINDOW);
        } else if (waiting == 0 && on) {
            on = false;
            tell(direction.announcedWindow());
        }
    }

    private void tell(int window) {
        connection.toRuntime.tellsSender(window);
        connection.toClient.announceWindow(window);
    }

    /** Returns the window that the sender of a direction is told of, in bytes, where the receiver announces this one. */
    int told(Direction direction, int window) {
        return on && direction == connection.toRuntime ? Math.min(window, SMALL_WINDOW) : window;
    }

    /** Tells whether the client has not yet said that it keeps to the small window. */
    boolean isBeingApplied() {
        return on && connection.toRuntime.sendersWindow() > SMALL_WINDOW;
    }
}
