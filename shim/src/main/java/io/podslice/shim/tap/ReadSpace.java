package io.podslice.shim.tap;

import java.nio.ByteBuffer;

/** The memory that a pump reads into. Used by one thread at a time; closing gives it back. */
sealed interface ReadSpace extends AutoCloseable permits OwnSpace, LentSpace {
    /** A buffer of no bytes. */
    ByteBuffer NOTHING = ByteBuffer.allocate(0);

    /** Largest step by which a buffer becomes larger than its frame needs, in bytes. */
    int LARGEST_STEP = 1 << 24;

    /** Returns the buffer to read into as a turn begins, behind what the last one has left. */
    ByteBuffer begin();

    /** Returns an empty buffer of at least that many bytes, at most {@link ReadBuffers#BYTES}. */
    ByteBuffer base(int bytes);

    /**
     * Keeps what a turn that ends leaves.
     *
     * @param read the buffer read into last; what has not been dealt with ends at its position. It must not be used any
     *     more
     */
    void end(ByteBuffer read);

    /**
     * Returns the buffer to read into next, behind what has come and has not been dealt with.
     *
     * @param read the buffer read into last; what has not been dealt with lies between its position and its limit. It
     *     must not be used any more
     * @param wanted the size of the frame that must come as a whole, in bytes; 0 if none must
     */
    default ByteBuffer next(ByteBuffer read, int wanted) {
        if (wanted > read.capacity()) {
            int capacity = Math.max(wanted, Math.min(2 * read.capacity(), LARGEST_STEP));
            return (wanted > ReadBuffers.BYTES ? ByteBuffer.allocateDirect(capacity) : base(wanted)).put(read);
        }
        int needed = Math.max(wanted, read.remaining() + 1);
        if (read.capacity() > ReadBuffers.BYTES && needed <= ReadBuffers.BYTES) {
            return base(needed).put(read);
        }
        return read.compact();
    }

    @Override
    void close();
}
