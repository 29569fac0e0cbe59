package io.podslice.shim.tap;

import java.nio.ByteBuffer;

/** The memory that a pump reads into. Used by one thread at a time; closing gives it back. */
sealed interface ReadSpace extends AutoCloseable permits OwnSpace, LentSpace {

    /** Largest step by which a buffer becomes larger than its frame needs, in bytes. */
    int LARGEST_STEP = 1 << 24;

    /** Returns an empty buffer to read into. */
    ByteBuffer first();

    /**
     * Returns the buffer to read into next, behind what has come and has not been dealt with.
     *
     * @param read the buffer read into last; what has not been dealt with lies between its position and its limit, which
     *     is where the last read ended. It must not be used any more
     * @param wanted the size of the frame that must come as a whole, in bytes; 0 if none must
     */
    ByteBuffer next(ByteBuffer read, int wanted);

    @Override
    void close();

    /** Returns a copy of what has not been dealt with, with room for a frame of that many bytes. */
    static ByteBuffer grown(ByteBuffer read, int wanted) {
        int capacity = Math.max(wanted, Math.min(2 * read.capacity(), LARGEST_STEP));
        return ByteBuffer.allocateDirect(capacity).put(read);
    }
}
