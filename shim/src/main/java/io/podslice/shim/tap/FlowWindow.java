package io.podslice.shim.tap;

/**
 * One flow-control window (a connection's or a stream's, in one direction) as seen from between its two ends. What
 * is held back, rewritten or dropped here makes the ends' ideas of the window differ; this class knows both, and says
 * which WINDOW_UPDATEs bring them together again.
 *
 * <p>{@code sender}: what the sender believes it may still send. {@code receiver}: what the receiver will still take.
 * {@code queued}: bytes that wait here to be sent on. {@code withheld}: bytes of the receiver's that the sender is not told
 * of while it is slowed down. The ends agree when {@code sender == receiver - queued - withheld}.
 */
final class FlowWindow {
    private long sender;
    private long receiver;
    private long queued;
    /** Bytes that the receiver takes and the sender is not told of. */
    private long withheld;

    FlowWindow(long initial) {
        this(initial, initial);
    }

    /**
     * @param sender the bytes that the sender may send as it sees things
     * @param receiver the bytes that the receiver takes, as many or more
     */
    FlowWindow(long sender, long receiver) {
        this.sender = sender;
        this.receiver = receiver;
        this.withheld = receiver - sender;
    }

    /** Returns the bytes that the sender may send as it sees things. */
    long sender() {
        return sender;
    }

    /** Returns the bytes that the receiver takes now. */
    long receiver() {
        return receiver;
    }

    /** Returns the bytes that wait here to be sent on. */
    long queued() {
        return queued;
    }

    /** Counts bytes that go from the sender to the receiver as they are. */
    void pass(int bytes) {
        sender -= bytes;
        receiver -= bytes;
    }

    /**
     * Tells whether passing this many bytes on would break the receiver's window although the sender keeps to its own.
     * (A sender that breaks its own is left to the receiver.)
     */
    boolean overruns(int bytes) {
        return receiver < bytes && bytes <= sender;
    }

    /**
     * Counts bytes of the sender that stop here.
     *
     * @param flow what they cost the sender, padding included
     * @param kept how many of them go on later
     */
    void take(int flow, int kept) {
        sender -= flow;
        queued += kept;
    }

    /** Counts a change of the bytes that wait. */
    void requeue(long difference) {
        queued += difference;
    }

    /** Counts bytes that waited and go to the receiver. */
    void send(int bytes) {
        queued -= bytes;
        receiver -= bytes;
    }

    /**
     * Follows a change of SETTINGS_INITIAL_WINDOW_SIZE, in bytes, that the sender has acknowledged.
     *
     * @param sendersDifference of what the sender was told
     * @param receiversDifference of what the receiver has announced
     */
    void resize(long sendersDifference, long receiversDifference) {
        sender += sendersDifference;
        receiver += receiversDifference;
        withheld += receiversDifference - sendersDifference;
    }

    /**
     * Follows a WINDOW_UPDATE of the receiver.
     *
     * @return the part of the increment that the sender is told: less than all where it has been granted some already
     */
    int update(int increment) {
        int tell = tells(increment);
        receiver += increment;
        sender += tell;
        return tell;
    }

    /** Returns the result that {@link #update} would have. */
    int tells(int increment) {
        return Math.clamp(receiver + increment - queued - withheld - sender, 0, increment);
    }

    /** Returns the bytes that the sender has to be granted for the ends to agree; it paid for what never went on. */
    int owed() {
        return Math.clamp(receiver - queued - withheld - sender, 0, Integer.MAX_VALUE);
    }

    /** Counts bytes that the sender is told it may send beyond its window. */
    void grant(int bytes) {
        sender += bytes;
    }
}
