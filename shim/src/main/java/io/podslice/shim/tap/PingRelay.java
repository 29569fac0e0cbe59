package io.podslice.shim.tap;

import io.podslice.shim.http2.FrameView;
import io.podslice.shim.http2.Frames;

/**
 * The treatment of one peer's PING frames. Used with the connection's lock held.
 *
 * @param out the way that the peer's frames go
 * @param back the way to the peer
 */
record PingRelay(Direction out, Direction back) {

    /**
     * Decides on a PING frame.
     *
     * @param flushed whether everything before it has been written
     * @param alone true while the peer has a stream open that the other peer knows nothing of any more
     */
    FrameAction action(FrameView frame, boolean flushed, boolean alone) {
        if (frame.length() != Long.BYTES || frame.stream() != 0) {
            return FrameAction.PASS;
        }
        long opaque = (long) frame.number(0) << Integer.SIZE | Integer.toUnsignedLong(frame.number(Integer.BYTES));
        return frame.has(Frames.ACK) ? acknowledged(frame, opaque, flushed) : asked(opaque, flushed, alone);
    }

    private FrameAction asked(long opaque, boolean flushed, boolean alone) {
        if (!back.pings.answersNext(alone) || back.frames.isFull()) {
            back.pings.passed(opaque);
            return FrameAction.PASS;
        }
        if (!flushed) {
            return FrameAction.FLUSH_FIRST;
        }
        if (back.pings.answered(opaque)) {
            back.frames.inject(Frames.pingAck(opaque));
        }
        return FrameAction.TAKEN;
    }

    /** Passes an acknowledgement on, in line with those of the tap's own where there may be some. */
    private FrameAction acknowledged(FrameView frame, long opaque, boolean flushed) {
        if (!out.pings.used()) {
            out.pings.acknowledged(opaque);
            return FrameAction.PASS;
        }
        if (!flushed) {
            return FrameAction.FLUSH_FIRST;
        }
        out.frames.inject(frame.copy());
        for (long following : out.pings.acknowledged(opaque)) {
            out.frames.inject(Frames.pingAck(following));
        }
        return FrameAction.TAKEN;
    }
}
