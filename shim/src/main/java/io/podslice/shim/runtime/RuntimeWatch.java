package io.podslice.shim.runtime;

import io.podslice.grpc.ClientConnection;
import io.podslice.grpc.UnixSocket;
import io.podslice.node.Node;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the brain synchronize with the runtime whenever that begins to serve: at the start, and when it comes back. An
 * idle connection shows when the runtime goes, and costs nothing meanwhile. Runs on a thread of its own; no client
 * waits for it.
 */
public final class RuntimeWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RuntimeWatch.class);
    private static final long SHORTEST_PAUSE_MILLIS = 250;
    private static final long LONGEST_PAUSE_MILLIS = 30_000;
    private static final Duration TIME_TO_END = Duration.ofSeconds(5);

    private final Node node;
    private final UnixSocket runtime;
    private final RuntimeLists lists;
    private final Thread thread;
    private final CountDownLatch closing = new CountDownLatch(1);
    private @Nullable SocketChannel held;

    /** Failed attempts, one after the other, to synchronize with a runtime that is there. */
    private int failures;

    private RuntimeWatch(Node node, UnixSocket runtime) {
        this.node = node;
        this.runtime = runtime;
        this.lists = new RuntimeLists(runtime);
        this.thread = Thread.ofVirtual().name("runtime-watch").unstarted(this::watch);
    }

    /**
     * Begins to watch a runtime.
     *
     * @param runtime the runtime's socket; need not exist yet
     */
    public static RuntimeWatch start(Node node, UnixSocket runtime) {
        RuntimeWatch watch = new RuntimeWatch(node, runtime);
        watch.thread.start();
        return watch;
    }

    private void watch() {
        try {
            do {
                try (SocketChannel channel = runtime.connect()) {
                    if (hold(channel)) {
                        stayWith(new ClientConnection(runtime.server(), channel));
                    }
                } catch (IOException e) {
                    LOG.debug("runtime {}: {}", runtime.path(), e.toString());
                } catch (RuntimeException e) {
                    failures++;
                    LOG.error("runtime {}: the watch failed, and begins again: {}", runtime.path(), e.toString(), e);
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

    /** Synchronizes once the runtime serves, and keeps the connection until it breaks. */
    private void stayWith(ClientConnection connection) throws IOException {
        connection.open();
        connection.awaitSettings();
        if (synchronize()) {
            connection.awaitEnd();
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
                        "runtime {}: cannot be asked what it has, and is asked again later: {}",
                        runtime.path(),
                        e.toString());
            }
            return false;
        }
    }

    /** Tells if the runtime is being watched, whatever the runtime does. */
    public boolean lives() {
        return thread.isAlive();
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
                LOG.warn("runtime {}: a synchronization has not ended", runtime.path());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
