package io.podslice.nri.mux;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One of the connections of a trunk: a stream of bytes in each direction. Any thread may write. Several may wait for a
 * message: one of them reads it, the others are not woken before the next begins.
 */
public final class MuxConnection {
    private final Multiplexer mux;
    private final int id;
    private final int capacity;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition begun = lock.newCondition();
    private final Condition continued = lock.newCondition();
    private final Condition taken = lock.newCondition();
    private final ArrayDeque<ByteBuffer> queue = new ArrayDeque<>();
    private int queued;

    /** One thread is between beginMessage and endMessage. */
    private boolean amid;

    /** The threads that wait in beginMessage. */
    private int waiting;

    private @Nullable IOException end;

    MuxConnection(Multiplexer mux, int id, int capacity) {
        this.mux = mux;
        this.id = id;
        this.capacity = capacity;
    }

    /** Takes bytes from the trunk's reader, which waits while too many bytes are unread. */
    void receive(ByteBuffer bytes) throws InterruptedException {
        lock.lock();
        try {
            while (queued > 0 && queued + bytes.remaining() > capacity && end == null) {
                taken.await();
            }
            queue.add(bytes);
            queued += bytes.remaining();
            continued.signal();
            if (!amid) {
                begun.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Ends the stream; bytes received before can still be read. */
    void end(IOException why) {
        lock.lock();
        try {
            if (end == null) {
                end = why;
            }
            begun.signalAll();
            continued.signalAll();
            taken.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for the first byte of a message, without a time limit, and takes the right to read: until endMessage, no
     * other thread begins one.
     *
     * @return true if there are bytes; false if the trunk has ended, and there is nothing to read
     */
    public boolean beginMessage() throws InterruptedException {
        lock.lock();
        waiting++;
        try {
            while (amid || queue.isEmpty()) {
                if (!amid && end != null) {
                    return false;
                }
                begun.await();
            }
            amid = true;
            return true;
        } finally {
            waiting--;
            lock.unlock();
        }
    }

    /**
     * Gives back the right to read.
     *
     * @return true if another thread waits for the next message
     */
    public boolean endMessage() {
        lock.lock();
        try {
            amid = false;
            if (end != null) {
                begun.signalAll();
            } else if (!queue.isEmpty()) {
                begun.signal();
            }
            return waiting > 0;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Reads exactly as many bytes as the buffer has room for: the rest of a message that has begun.
     *
     * @param patience the longest silence of the other end meanwhile
     * @throws IOException if the trunk ends first, or the other end is silent for longer
     */
    public void readFully(ByteBuffer into, Duration patience) throws IOException, InterruptedException {
        while (into.hasRemaining()) {
            take(into, into.remaining(), patience);
        }
    }

    /** Drops that many bytes of a message that has begun. */
    public void skip(long count, Duration patience) throws IOException, InterruptedException {
        for (long left = count; left > 0; ) {
            left -= take(null, (int) Math.min(left, Integer.MAX_VALUE), patience);
        }
    }

    private int take(@Nullable ByteBuffer into, int most, Duration patience) throws IOException, InterruptedException {
        lock.lock();
        try {
            long left = patience.toNanos();
            while (queue.isEmpty()) {
                if (end != null) {
                    throw new EOFException("the trunk has ended in the middle of a message: " + end.getMessage());
                }
                if (left <= 0) {
                    throw new IOException("half a message, and nothing more for " + patience);
                }
                left = continued.awaitNanos(left);
            }
            ByteBuffer first = queue.element();
            int count = Math.min(most, first.remaining());
            if (into != null) {
                into.put(first.slice(first.position(), count));
            }
            first.position(first.position() + count);
            if (!first.hasRemaining()) {
                queue.remove();
            }
            queued -= count;
            taken.signal();
            return count;
        } finally {
            lock.unlock();
        }
    }

    /** Writes each buffer as one frame, without frames of other connections between them; waits for the socket. */
    public void write(ByteBuffer... frames) throws IOException {
        mux.write(id, frames);
    }

    /** Ends the whole trunk, because the bytes of this connection cannot be understood. */
    public void fail(IOException why) {
        mux.fail(why);
    }
}
