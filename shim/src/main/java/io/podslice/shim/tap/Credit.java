package io.podslice.shim.tap;

/**
 * The WINDOW_UPDATEs of the tap's own, by which the two ends' ideas of their windows come together again after
 * something was held, rewritten or dropped. Guarded by the connection's lock.
 */
final class Credit {
    private final Connection connection;
    private int collecting;

    Credit(Connection connection) {
        this.connection = connection;
    }

    /** Grants the sender what it paid for and never went on, so that no window shrinks. */
    void settle(Direction direction, Stream stream) {
        grant(direction, direction.window, 0, direction.window.owed());
        FlowWindow own = connection.outflow(stream, direction).window;
        if (own != null && !stream.answered && !hasEnded(stream, direction)) {
            grant(direction, own, stream.id, own.owed());
        }
    }

    /** Tells whether a stream's sender in a direction sends no more on it. */
    private boolean hasEnded(Stream stream, Direction direction) {
        return direction == connection.toRuntime ? stream.requestEnded : stream.responseEnded;
    }

    /** Tells the sender in a direction that it may send more, on a stream or (0) on the connection. */
    private void grant(Direction direction, FlowWindow window, int stream, int bytes) {
        if (bytes > 0) {
            window.grant(bytes);
            connection.tellSender(direction, stream, bytes);
        }
    }

    /**
     * Opens windows in the runtime's place: held data fills them, and the runtime cannot open them, since it has not
     * seen the data. The client gets room for the rest of the messages that are being collected; and what waits on one
     * stream takes nothing of the connection's window from the others, in either direction.
     */
    void makeRoom() {
        FlowWindow shared = connection.toRuntime.window;
        long lacking = 0;
        for (int i = 0; collecting > 0 && i < connection.streams.size(); i++) {
            Stream stream = connection.streams.at(i);
            FlowWindow own = stream.toRuntime.window;
            long lacks = stream.call == null ? 0 : stream.call.lacks();
            if (own != null && lacks > 0) {
                lacking = Math.max(lacking, lacks);
                grant(connection.toRuntime, own, stream.id, room(own, lacks));
            }
        }
        // A client that does not know yet that it must go slow would fill the room with what must wait.
        if (!connection.brake.isBeingApplied()) {
            grant(connection.toRuntime, shared, 0, lacking > 0 ? room(shared, lacking) : 0);
            makeRoomForOthers(connection.toRuntime);
        }
        makeRoomForOthers(connection.toClient);
    }

    private void makeRoomForOthers(Direction direction) {
        FlowWindow window = direction.window;
        if (window.queued() > 0 && window.sender() < Direction.DEFAULT_WINDOW / 2) {
            grant(direction, window, 0, Math.clamp(window.receiver() - window.sender(), 0, Integer.MAX_VALUE));
        }
    }

    /** Returns the bytes that a window lacks for the rest of a message. */
    private static int room(FlowWindow window, long lacks) {
        return Math.clamp(lacks - window.sender(), 0, Integer.MAX_VALUE);
    }

    /** Counts the calls that collect their message: one more ({@code 1}), or one less ({@code -1}). */
    void collects(int one) {
        collecting += one;
    }
}
