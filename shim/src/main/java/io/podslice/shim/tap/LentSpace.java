package io.podslice.shim.tap;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A small buffer, in whose place a large one is lent while more comes than it takes: a pump whose peer is quiet holds
 * next to nothing. Where no large one can be lent, the pump goes on with the small one, a read at a time, or with one
 * of the size of its frame.
 */
final class LentSpace implements ReadSpace {
    /** The size of the small buffer, in bytes: nearly every frame that is not DATA of a list. */
    static final int SMALL_BYTES = 1 << 10;

    private final ReadBuffers buffers;
    private final ByteBuffer small = ByteBuffer.allocate(SMALL_BYTES);
    private @Nullable ByteBuffer lent;

    LentSpace(ReadBuffers buffers) {
        this.buffers = buffers;
    }

    @Override
    public ByteBuffer first() {
        return small;
    }

    @Override
    public ByteBuffer next(ByteBuffer read, int wanted) {
        boolean more = read.limit() == read.capacity();
        int needed = Math.max(wanted, read.remaining() + 1);
        if (needed > ReadBuffers.BYTES) {
            return larger(read, needed);
        }
        if (more || needed > SMALL_BYTES) {
            return large(read, needed);
        }
        if (read.capacity() == SMALL_BYTES) {
            return small.compact();
        }
        small.clear().put(read);
        giveBack();
        return small;
    }

    private ByteBuffer larger(ByteBuffer read, int needed) {
        if (needed <= read.capacity()) {
            return read.compact();
        }
        ByteBuffer grown = ReadSpace.grown(read, needed);
        giveBack();
        return grown;
    }

    private ByteBuffer large(ByteBuffer read, int needed) {
        if (lent == null) {
            ByteBuffer large = buffers.lend();
            if (large != null) {
                lent = large;
                return large.put(read);
            }
        }
        return needed <= read.capacity()
                ? read.compact()
                : ByteBuffer.allocate(needed).put(read);
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
