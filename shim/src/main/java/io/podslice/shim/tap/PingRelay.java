package io.podslice.shim.tap;

/**
 * The treatment of one peer's PING frames. Used with the connection's lock held.
 *
 * @param out the way that the peer's frames go
 * @param back the way to the peer
 */
record PingRelay(Direction out, Direction back) {

    /**
     * Decides on a PING that asks for an acknowledgement.
     *
     * @param opaque its eight bytes
     * @param flushed whether everything before it has been written
     * @param alone true while the peer has a stream open that the other peer knows nothing of any more
     */
    FrameAction asked(long opaque, boolean flushed, boolean alone) {
        if (!back.pings.answersNext(alone) || back.frames.isFull()) {
            back.pings.passed(opaque);
            return FrameAction.PASS;
        }
        if (!flushed) {
            return FrameAction.FLUSH_FIRST;
        }
        if (back.pings.answered(opaque)) {
            back.acknowledgePing(opaque);
        }
        return FrameAction.TAKEN;
    }

    /**
     * Passes an acknowledgement on, in line with those of the tap's own: one that went with the bytes around it could be
     * overtaken by the next of the tap's, which the other pump may send before these bytes are written.
     *
     * @param opaque its eight bytes
     * @param flushed whether everything before it has been written
     */
    FrameAction acknowledged(long opaque, boolean flushed) {
        if (!out.pings.awaits(opaque)) {
            return FrameAction.PASS;
        }
        if (!flushed) {
            return FrameAction.FLUSH_FIRST;
        }
        out.acknowledgePing(opaque);
        out.pings.acknowledged(opaque).forEach(out::acknowledgePing);
        return FrameAction.TAKEN;
    }
}
