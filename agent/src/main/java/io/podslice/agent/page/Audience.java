package io.podslice.agent.page;

import io.podslice.agent.http.HttpStream;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The browsers that look, each with a stream of events. One thread renders for all of them, while there are any; each is sent what
 * has changed since its own last event, so that a slow one misses renderings and not their outcome.
 */
final class Audience implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Audience.class);

    static final int MOST = 8;

    /** The time after which a browser is sent something even if nothing has changed. */
    private static final Duration SIGN_OF_LIFE = Duration.ofSeconds(15);

    private final Supplier<Rendering> renderer;
    private final Changes changes;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition other = lock.newCondition();
    private int members;
    private boolean closed;
    private @Nullable Rendering current;
    private @Nullable Thread teller;

    /** Waits for changes of what is shown. */
    @FunctionalInterface
    interface Changes {
        /** Waits until something may have changed, and never long. */
        void await() throws InterruptedException;
    }

    /**
     * @param renderer renders the node as it is
     * @param changes is asked between two renderings
     */
    Audience(Supplier<Rendering> renderer, Changes changes) {
        this.renderer = renderer;
        this.changes = changes;
    }

    /**
     * Returns the stream of a browser; empty where {@value #MOST} are there already.
     *
     * @param seen the version that it has; empty for none
     */
    Optional<HttpStream> join(String seen, List<String> fields) {
        lock.lock();
        try {
            if (members >= MOST || closed) {
                return Optional.empty();
            }
            members++;
            if (teller == null) {
                teller = Thread.ofVirtual().name("page-render").start(this::render);
            }
        } finally {
            lock.unlock();
        }
        return Optional.of(new HttpStream("text/event-stream", fields, sink -> {
            try {
                send(sink, seen);
            } finally {
                leave();
            }
        }));
    }

    private void send(HttpStream.Sink sink, String seen) throws IOException, InterruptedException {
        sink.send(Events.STILL_THERE);
        Rendering last = null;
        while (true) {
            Rendering now = awaitOther(last);
            if (now == null) {
                sink.send(Events.STILL_THERE);
                continue;
            }
            if (last != null || !now.version().equals(seen)) {
                sink.send(Events.of(last == null ? now.all() : now.since(last), now.version()));
            }
            last = now;
        }
    }

    /** Waits for a rendering of another version; returns null where there was none for a while. */
    private @Nullable Rendering awaitOther(@Nullable Rendering last) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = SIGN_OF_LIFE.toNanos();
            while (left > 0) {
                if (closed) {
                    throw new InterruptedException("the page is closed");
                }
                Rendering now = current;
                if (now != null && (last == null || !now.version().equals(last.version()))) {
                    return now;
                }
                left = other.awaitNanos(left);
            }
            return null;
        } finally {
            lock.unlock();
        }
    }

    private void leave() {
        lock.lock();
        try {
            members--;
            if (members == 0) {
                teller = null; // it ends by itself, soon
                current = null;
            }
        } finally {
            lock.unlock();
        }
    }

    private void render() {
        try {
            while (isWanted()) {
                try {
                    publish(renderer.get());
                } catch (RuntimeException e) {
                    LOG.warn("the page cannot be written: {}", e.toString(), e);
                }
                changes.await();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Tells if the calling thread still renders for a browser. */
    private boolean isWanted() {
        lock.lock();
        try {
            return !closed && Thread.currentThread().equals(teller);
        } finally {
            lock.unlock();
        }
    }

    private void publish(Rendering now) {
        lock.lock();
        try {
            if (isWanted()) {
                current = now;
                other.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Returns the number of browsers that look. */
    int members() {
        lock.lock();
        try {
            return members;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            other.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
