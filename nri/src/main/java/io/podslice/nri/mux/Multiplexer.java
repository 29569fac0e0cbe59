package io.podslice.nri.mux;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Several connections over one trunk. Every method may be called from any thread. A failure of the trunk ends all its
 * connections, and {@link #problem} returns its cause.
 *
 * <p>No queue grows without bound: a connection whose bytes are not read stops the trunk from being read, and a writer
 * waits for the socket. Neither lasts for ever: the multiplexer closes a trunk that stands still in the middle of a
 * frame for longer than the patience.
 */
public final class Multiplexer implements Closeable {
    /** The bytes of a frame before its payload. */
    private static final int HEADER = 8;

    /** The most bytes written to the kernel or read from it at a time. */
    private static final int CHUNK = 32 << 10;

    private final Trunk trunk;
    private final MuxOptions options;
    private final Map<Integer, MuxConnection> connections = new ConcurrentHashMap<>();
    private final ReentrantLock writing = new ReentrantLock();
    private final AtomicReference<IOException> problem = new AtomicReference<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Stall readStall;
    private final Stall writeStall;

    /** Makes a multiplexer that reads nothing before {@link #start}. */
    public Multiplexer(Trunk trunk, MuxOptions options) {
        this.trunk = trunk;
        this.options = options;
        this.readStall = new Stall(options.patience());
        this.writeStall = new Stall(options.patience());
    }

    /**
     * Returns the connection of an id. The other end must open it too, and is not told.
     *
     * @param id 1 or more; 0 is reserved
     */
    public MuxConnection open(int id) {
        if (id < 1) {
            throw new IllegalArgumentException("connection id " + id + ": must be 1 or more");
        }
        MuxConnection connection =
                connections.computeIfAbsent(id, key -> new MuxConnection(this, key, options.queued()));
        IOException why = problem.get();
        if (why != null) {
            connection.end(why);
        }
        return connection;
    }

    /** Begins to read. Must be called once, after the connections that the other end may write to have been opened. */
    public void start() {
        // A read from an inherited descriptor holds on to its thread, so this must be a platform thread.
        Thread.ofPlatform().daemon().name("nri-trunk").start(this::read);
        Thread.ofVirtual().name("nri-patience").start(this::watch);
    }

    private void read() {
        ByteBuffer header = ByteBuffer.allocate(HEADER);
        try {
            while (true) {
                header.clear();
                fill(header);
                header.flip();
                int id = header.getInt();
                long length = Integer.toUnsignedLong(header.getInt());
                if (length > options.maxFrame()) {
                    throw new IOException("frame of connection " + Integer.toUnsignedString(id) + ": length " + length
                            + " is more than " + options.maxFrame());
                }
                payload(connections.get(id), length);
            }
        } catch (IOException e) {
            fail(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            fail(new IOException("interrupted", e));
        } catch (RuntimeException e) {
            fail(new IOException("a frame cannot be read: " + e, e));
        }
    }

    private void fill(ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            boolean begun = buffer.position() > 0;
            if (begun) {
                readStall.begins();
            }
            int count = trunk.read(buffer);
            if (count < 0) {
                throw new EOFException(
                        begun ? "the other end has closed in the middle of a frame" : "the other end has closed");
            }
        }
        readStall.ends();
    }

    /** Takes a frame's payload. Drops frames of connections that have not been opened, as the protocol asks. */
    private void payload(@Nullable MuxConnection connection, long length) throws IOException, InterruptedException {
        for (long left = length; left > 0; ) {
            ByteBuffer chunk = ByteBuffer.allocate((int) Math.min(left, CHUNK));
            readStall.begins();
            int count = trunk.read(chunk);
            readStall.ends();
            if (count < 0) {
                throw new EOFException("the other end has closed in the middle of a frame");
            }
            left -= count;
            if (connection != null) {
                connection.receive(chunk.flip());
            }
        }
    }

    /** Writes each buffer as one frame, without frames of any connection between them. */
    void write(int id, ByteBuffer... payloads) throws IOException {
        writing.lock();
        try {
            for (ByteBuffer payload : payloads) {
                writeFrame(id, payload);
            }
        } catch (IOException e) {
            // After half a frame the other end cannot tell where the next one begins.
            fail(e);
            throw e;
        } finally {
            writing.unlock();
        }
    }

    private void writeFrame(int id, ByteBuffer payload) throws IOException {
        IOException why = problem.get();
        if (why != null) {
            throw new IOException("the trunk is closed: " + why.getMessage(), why);
        }
        int first = Math.min(payload.remaining(), CHUNK);
        ByteBuffer head = ByteBuffer.allocate(HEADER + first).putInt(id).putInt(payload.remaining());
        head.put(payload.slice(payload.position(), first)).flip();
        payload.position(payload.position() + first);
        drain(head);
        while (payload.hasRemaining()) {
            int count = Math.min(payload.remaining(), CHUNK);
            drain(payload.slice(payload.position(), count));
            payload.position(payload.position() + count);
        }
    }

    private void drain(ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            writeStall.begins();
            trunk.writeSome(buffer);
            writeStall.ends();
        }
    }

    /** Ends a trunk that stands still; checks four times in the patience. */
    private void watch() {
        try {
            while (!ended.await(Math.max(1, options.patience().toMillis() / 4), TimeUnit.MILLISECONDS)) {
                if (readStall.isOver()) {
                    fail(new IOException("half a frame, and nothing more for " + options.patience()));
                } else if (writeStall.isOver()) {
                    fail(new IOException("the other end has read nothing for " + options.patience()));
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Ends the trunk and all its connections for a reason outside the trunk, such as damage in the bytes that it
     * carries.
     */
    public void fail(IOException why) {
        if (problem.compareAndSet(null, why)) {
            trunk.close();
            connections.values().forEach(connection -> connection.end(why));
            ended.countDown();
        }
    }

    /**
     * The cause of the end; null while the trunk is open. An {@link EOFException} means that the other end has closed.
     */
    public @Nullable IOException problem() {
        return problem.get();
    }

    /** Waits until the trunk has ended. */
    public void awaitEnd() throws InterruptedException {
        ended.await();
    }

    /** Ends the trunk and all its connections. */
    @Override
    public void close() {
        fail(new EOFException("closed"));
    }
}
