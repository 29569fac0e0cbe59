package io.podslice.shim;

import io.podslice.node.Node;
import io.podslice.shim.http2.Frames;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the brain synchronize with the runtime whenever that begins to serve: at the start, and when it comes back. An
 * idle connection to it shows when it goes, and costs nothing meanwhile. On a thread of its own; no client waits for it.
 */
public final class RuntimeWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RuntimeWatch.class);
    private static final int MAX_FRAME = 16_384;
    private static final long SHORTEST_PAUSE_MILLIS = 250;
    private static final long LONGEST_PAUSE_MILLIS = 30_000;
    private static final Duration TIME_TO_END = Duration.ofSeconds(5);

    private final Node node;
    private final RuntimeSocket runtime;
    private final RuntimeLists lists;
    private final Thread thread;
    private final ByteBuffer in = ByteBuffer.allocate(Frames.HEADER_BYTES + MAX_FRAME);
    private final CountDownLatch closing = new CountDownLatch(1);
    private @Nullable SocketChannel held;

    /** Failed attempts, one after the other, to synchronize with a runtime that is there. */
    private int failures;

    private RuntimeWatch(Node node, RuntimeSocket runtime) {
        this.node = node;
        this.runtime = runtime;
        this.lists = new RuntimeLists(runtime);
        this.thread = Thread.ofVirtual().name("runtime-watch").unstarted(this::watch);
    }

    /** Begins to watch the runtime that listens there, or will. */
    public static RuntimeWatch start(Node node, Path socket, ShimOptions options) {
        RuntimeWatch watch = new RuntimeWatch(node, new RuntimeSocket(socket, options.connectTimeout()));
        watch.thread.start();
        return watch;
    }

    private void watch() {
        try {
            do {
                try (SocketChannel channel = runtime.connect()) {
                    if (hold(channel)) {
                        stayWith(channel);
                    }
                } catch (IOException e) {
                    LOG.debug("runtime {}: {}", runtime.path(), e.toString());
                }
            } while (!closing.await(pauseMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // as good as closed
        }
    }

    private synchronized boolean hold(SocketChannel channel) {
        held = channel;
        return closing.getCount() > 0;
    }

    private long pauseMillis() {
        return Math.min(LONGEST_PAUSE_MILLIS, SHORTEST_PAUSE_MILLIS << Math.min(failures, 10));
    }

    /** Keeps the connection until it breaks; its first SETTINGS say that the runtime serves. */
    private void stayWith(SocketChannel channel) throws IOException {
        send(channel, Frames.preface());
        send(channel, Frames.settings());
        boolean synchronizedOnce = false;
        while (true) {
            int type = receive(channel);
            if (type == Frames.SETTINGS && !synchronizedOnce) {
                if (!synchronize()) {
                    return; // to be tried again
                }
                synchronizedOnce = true;
            }
        }
    }

    private boolean synchronize() {
        try {
            var _ = node.synchronize(lists);
            failures = 0;
            return true;
        } catch (IOException | RuntimeException e) {
            if (failures++ == 0 && closing.getCount() > 0) {
                LOG.warn(
                        "runtime {}: cannot be asked what it has, to be tried again: {}", runtime.path(), e.toString());
            }
            return false;
        }
    }

    /** Takes a frame, and answers those that want an answer; its type. */
    private int receive(SocketChannel from) throws IOException {
        fill(from, Frames.HEADER_BYTES);
        int length = Frames.length(in, 0);
        int type = Frames.type(in, 0);
        boolean ack = (Frames.flags(in, 0) & Frames.ACK) != 0;
        if (length > MAX_FRAME) {
            throw new IOException("frame of " + length + " bytes, above " + MAX_FRAME);
        }
        fill(from, length);
        if (type == Frames.SETTINGS && !ack) {
            send(from, Frames.settingsAck());
        } else if (type == Frames.PING && !ack && length == Long.BYTES) {
            send(from, Frames.pingAck(in.getLong(0)));
        }
        return type;
    }

    private void fill(SocketChannel from, int bytes) throws IOException {
        in.clear().limit(bytes);
        while (in.hasRemaining()) {
            if (from.read(in) < 0) {
                throw new EOFException("the runtime closed the connection");
            }
        }
    }

    private static void send(SocketChannel to, ByteBuffer frame) throws IOException {
        while (frame.hasRemaining()) {
            to.write(frame);
        }
    }

    /**
     * Stops watching. What the brain has begun by then comes to its end: it is not interrupted, since that would break
     * off what it writes.
     */
    @Override
    public void close() {
        closing.countDown();
        lists.close();
        synchronized (this) {
            if (held != null) {
                try {
                    held.close();
                } catch (IOException e) {
                    LOG.debug("closing the connection to the runtime failed", e);
                }
            }
        }
        try {
            if (!thread.join(TIME_TO_END)) {
                LOG.warn("runtime {}: a synchronization goes on", runtime.path());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
