package io.podslice.shim.tap;

/** What a pump does with a frame. */
enum FrameAction {
    /** It goes on as it is. */
    PASS,
    /** What came before it must be written first; then ask again. */
    FLUSH_FIRST,
    /** What waits on streams whose windows nobody counts must go first; then ask again. */
    WAIT,
    /** It has been dealt with, and does not go on. */
    TAKEN,
    /**
     * It breaks the protocol. It goes on, so that the receiver finds out and says so, and nothing after it does: what
     * the sender means is no longer known.
     */
    BROKEN
}
