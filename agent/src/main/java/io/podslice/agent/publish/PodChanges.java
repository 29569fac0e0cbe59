package io.podslice.agent.publish;

import io.grpc.Context;
import io.grpc.Context.CancellableContext;
import io.grpc.StatusRuntimeException;
import io.podslice.agent.api.NodeApiClient;
import io.podslice.proto.v1.WatchPodsRequest;
import io.podslice.proto.v1.WatchPodsResponse;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;

/** Watches the node API on a thread of its own, and wakes its reader when pods have changed. */
final class PodChanges implements AutoCloseable {
    /** The pause before a watch that broke is begun again. */
    private static final Duration PAUSE = Duration.ofSeconds(5);

    private final NodeApiClient client;
    private final CancellableContext context = Context.ROOT.withCancellation();
    private final Thread thread;
    private boolean changed;
    private long revision;

    PodChanges(NodeApiClient client) {
        this.client = client;
        this.thread = Thread.ofVirtual().name("pod-changes").start(context.wrap(this::run));
    }

    private void run() {
        try {
            while (!context.isCancelled()) {
                follow();
                Thread.sleep(PAUSE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the publisher ends
        }
    }

    private void follow() {
        try {
            Iterator<WatchPodsResponse> messages = client.node()
                    .watchPods(
                            WatchPodsRequest.newBuilder().setRevision(revision).build());
            while (messages.hasNext()) {
                revision = messages.next().getRevision();
                changed();
            }
        } catch (StatusRuntimeException e) {
            // NodeReader fails for this reason too, and reports it; until then once a minute is often enough.
            revision = 0;
        }
    }

    private synchronized void changed() {
        changed = true;
        notifyAll();
    }

    /** Forgets the changes so far. */
    synchronized void forget() {
        changed = false;
    }

    /** Waits until pods have changed since {@link #forget}, or the time is over. */
    synchronized void await(Duration atMost) throws InterruptedException {
        long end = System.nanoTime() + atMost.toNanos();
        for (long left = atMost.toNanos(); !changed && left > 0; left = end - System.nanoTime()) {
            wait(Math.max(1, TimeUnit.NANOSECONDS.toMillis(left)));
        }
    }

    @Override
    public void close() {
        context.cancel(null);
        thread.interrupt();
    }
}
