package io.podslice.shim.tap;

/** A pump's treatment of a frame. */
enum FrameAction {
    /** It goes on as it is. */
    PASS,
    /** Everything before it must be written first; then ask again. */
    FLUSH_FIRST,
    /** Data that waits on streams whose windows are not counted must go first; then ask again. */
    WAIT,
    /** It has been dealt with, and does not go on. */
    TAKEN,
    /** It does not go on, and need not have come whole. Everything before it has been written. */
    SKIPPED,
    /**
     * It breaks the protocol. It goes on, so that the receiver finds out and says so, and nothing after it does: what
     * the sender means is no longer known.
     */
    BROKEN
}
