package io.podslice.shim.tap;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A large buffer that is lent for a turn, or a small one where all are lent, which takes more reads. Between turns
 * there is only what has come of a frame.
 */
final class LentSpace implements ReadSpace {
    /** The least size of a small buffer, in bytes. */
    static final int SMALL_BYTES = 4 << 10;

    private final ReadBuffers buffers;
    private @Nullable ByteBuffer lent;
    /** The beginning of a frame. */
    private ByteBuffer left = NOTHING;
    /** The beginning of a frame that is larger than any buffer lent, in one of its own. */
    private @Nullable ByteBuffer large;

    LentSpace(ReadBuffers buffers) {
        this.buffers = buffers;
    }

    @Override
    public ByteBuffer begin() {
        ByteBuffer its = large;
        if (its != null) {
            large = null;
            return its;
        }
        ByteBuffer before = left;
        left = NOTHING;
        return base(before.remaining() + 1).put(before);
    }

    @Override
    public ByteBuffer base(int bytes) {
        if (lent == null) {
            lent = buffers.lend();
        }
        return lent != null ? lent.clear() : ByteBuffer.allocate(Math.max(bytes, SMALL_BYTES));
    }

    @Override
    public void end(ByteBuffer read) {
        if (read.capacity() > ReadBuffers.BYTES) {
            large = read;
        } else if (read.position() > 0) {
            read.flip();
            left = ByteBuffer.allocate(read.remaining()).put(read).flip();
        }
        giveBack();
    }

    private void giveBack() {
        if (lent != null) {
            buffers.returned(lent);
            lent = null;
        }
    }

    @Override
    public void close() {
        giveBack();
    }
}
