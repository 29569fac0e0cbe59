package io.podslice.shim.tap;

import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * The large direct buffers of a tap. Used ones are kept: the JVM gives direct memory back to the system only after a
 * collection. Safe for use by many threads.
 */
final class ReadBuffers {
    /** The size of a large buffer, in bytes. */
    static final int BYTES = 64 << 10;

    private static final int MOST_LENT = 32;

    private final ConcurrentLinkedDeque<ByteBuffer> unused = new ConcurrentLinkedDeque<>();
    private final Semaphore lendable = new Semaphore(MOST_LENT);

    /** Returns an empty buffer, one that is kept or a new one. */
    ByteBuffer take() {
        ByteBuffer used = unused.poll();
        return used == null ? ByteBuffer.allocateDirect(BYTES) : used.clear();
    }

    /** Takes back a buffer of {@link #take}. */
    void giveBack(ByteBuffer buffer) {
        unused.push(buffer);
    }

    /** Returns an empty buffer for a while; null if {@value #MOST_LENT} are lent. */
    @Nullable
    ByteBuffer lend() {
        return lendable.tryAcquire() ? take() : null;
    }

    /** Takes back a buffer of {@link #lend}. */
    void returned(ByteBuffer buffer) {
        giveBack(buffer);
        lendable.release();
    }
}
