package io.podslice.agent.http;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A client's connection, with the time by which its client must have done its part. */
final class Connection implements Closeable {
    private static final long NEVER = Long.MAX_VALUE;
    private static final int READ_BYTES = 1 << 10;

    /** The most bytes that the reader of a stream may send: it has nothing more to say. */
    private static final int MOST_UNASKED_BYTES = 64 << 10;

    private final SocketChannel channel;
    private final long patienceNanos;
    private final long begun = System.nanoTime();
    private volatile boolean streaming;
    private volatile @Nullable Thread streamer;

    /** Nanoseconds after the connection's begin. */
    private volatile long deadline;

    Connection(SocketChannel channel, Duration patience) {
        this.channel = channel;
        this.patienceNanos = patience.toNanos();
        this.deadline = patienceNanos;
    }

    SocketChannel channel() {
        return channel;
    }

    boolean isStreaming() {
        return streaming;
    }

    /** Waits until the worker has ended, or the client's time is over. */
    void endAfterPatience(Thread worker) throws InterruptedException {
        while (true) {
            long left = deadline - (System.nanoTime() - begun);
            if (left <= 0 || worker.join(Duration.ofNanos(Math.min(left, patienceNanos)))) {
                return;
            }
        }
    }

    void write(byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    /** Writes a reply without an end: only its sends have a limit of time. Its body is asked in any case. */
    void stream(HttpStream stream) throws IOException, InterruptedException {
        Thread writer = Thread.currentThread();
        streamer = writer;
        streaming = true;
        Thread.ofVirtual().name("http-gone").start(() -> {
            awaitEnd();
            writer.interrupt();
        });
        AtomicBoolean begins = new AtomicBoolean(true);
        stream.body().write(bytes -> {
            if (begins.compareAndSet(true, false)) {
                send(stream.head());
            }
            send(bytes);
        });
    }

    private void send(byte[] bytes) throws IOException {
        deadline = System.nanoTime() - begun + patienceNanos;
        write(bytes);
        deadline = NEVER;
    }

    /** Waits until the client has closed its end, or sends what was not asked for. */
    private void awaitEnd() {
        try {
            ByteBuffer ignored = ByteBuffer.allocate(READ_BYTES);
            int unasked = 0;
            for (int read = 0; read >= 0 && unasked < MOST_UNASKED_BYTES; unasked += read) {
                read = channel.read(ignored.clear());
            }
        } catch (IOException e) {
            return;
        }
    }

    /** Wakes a stream that waits for something to send. */
    void interrupt() {
        Thread waiting = streamer;
        if (waiting != null) {
            waiting.interrupt();
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
