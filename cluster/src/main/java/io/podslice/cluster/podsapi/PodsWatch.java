package io.podslice.cluster.podsapi;

import io.podslice.cluster.kubelet.KubeletStream;
import io.podslice.cluster.source.HealthRecord;
import io.podslice.cluster.source.SourceAbsentException;
import io.podslice.cluster.wire.UnreadableException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the kubelet's watch on a thread of its own, and begins anew whenever it ends: after a restart of the kubelet,
 * and when the kubelet has dropped events for this client. Each new watch begins with a list of all pods.
 */
final class PodsWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PodsWatch.class);
    private static final long FIRST_PAUSE_MILLIS = 100;
    private static final long LONGEST_PAUSE_MILLIS = 10_000;
    private static final long ABSENT_PAUSE_MILLIS = 2000;

    /** A watch that lasted so long ended for another reason than the one before it. */
    private static final Duration LASTING = Duration.ofSeconds(10);

    private static final Duration TIME_TO_END = Duration.ofSeconds(5);

    private final PodsApiCalls calls;
    private final KeptPods kept;
    private final ChangeTeller teller;
    private final HealthRecord health;
    private final Thread thread = Thread.ofVirtual().name("pods-api-watch").unstarted(this::run);
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Pauses pauses = new Pauses(FIRST_PAUSE_MILLIS, LONGEST_PAUSE_MILLIS);
    private @Nullable KubeletStream stream;
    private volatile boolean complete;
    private volatile boolean hasServed;
    private final UnreadableLog unreadable;

    PodsWatch(PodsApiCalls calls, KeptPods kept, ChangeTeller teller, HealthRecord health, UnreadableLog unreadable) {
        this.calls = calls;
        this.kept = kept;
        this.teller = teller;
        this.health = health;
        this.unreadable = unreadable;
    }

    void start() {
        thread.start();
    }

    /** Tells if all pods have come and the watch lasts: the copy of a pod is as new as the kubelet's events. */
    boolean isComplete() {
        return complete;
    }

    /** Tells if the kubelet has ever sent something: from then on a socket that is missing is a failure. */
    boolean hasServed() {
        return hasServed;
    }

    private void run() {
        try {
            long pauseMillis;
            do {
                pauseMillis = follow();
            } while (!closing.await(pauseMillis, TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // as good as closed
        }
    }

    /** Follows one watch to its end; returns the pause after it in milliseconds. */
    private long follow() {
        KubeletStream opened = calls.watch();
        if (!hold(opened)) {
            return 0;
        }
        kept.beginList();
        long begun = System.nanoTime();
        boolean wasComplete = false;
        try {
            try {
                opened.run(this::take);
                throw new IOException("the kubelet ended the watch");
            } finally {
                wasComplete = complete;
                complete = false;
            }
        } catch (SourceAbsentException e) {
            if (!hasServed) {
                health.watchWaits(String.valueOf(e.getMessage()));
                return ABSENT_PAUSE_MILLIS;
            }
            failed(String.valueOf(e.getMessage()));
        } catch (IOException e) {
            failed(String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            LOG.error("Pods API: the watch failed, and begins again", e);
            failed(e.toString());
        }
        if (wasComplete && System.nanoTime() - begun >= LASTING.toNanos()) {
            pauses.reset();
        }
        return pauses.next();
    }

    private void failed(String detail) {
        if (closing.getCount() > 0) {
            health.watchFailed(detail);
        }
    }

    private synchronized boolean hold(KubeletStream opened) {
        stream = opened;
        return closing.getCount() > 0;
    }

    private void take(ByteBuffer message) {
        hasServed = true;
        PodEvent event;
        try {
            event = PodEvent.read(message);
        } catch (UnreadableException e) {
            unreadable.add(e);
            return;
        }
        switch (event) {
            case PodEvent.Present present -> {
                KeptPods.Consequence consequence =
                        complete ? kept.changed(present.pod(), present.added()) : kept.listed(present.pod());
                switch (consequence) {
                    case TELL -> teller.tell(present.pod().uid());
                    case ASK -> teller.ask(present.pod().uid(), present.pod().generation());
                    case NONE -> {
                        // Most events: the status of a container has changed.
                    }
                }
            }
            case PodEvent.Deleted deleted -> kept.delete(deleted.uid());
            case PodEvent.ListComplete _ -> {
                kept.completeList(System.nanoTime());
                complete = true;
                health.watchComplete();
            }
            case PodEvent.Unknown _ -> {
                // From a newer kubelet: of no meaning here.
            }
        }
    }

    /** Ends the watch. */
    @Override
    public void close() {
        closing.countDown();
        synchronized (this) {
            if (stream != null) {
                stream.cancel();
            }
        }
        try {
            if (!thread.join(TIME_TO_END)) {
                LOG.warn("Pods API: the watch has not ended");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
