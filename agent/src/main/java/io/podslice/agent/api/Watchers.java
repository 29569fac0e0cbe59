package io.podslice.agent.api;

import io.grpc.Status;
import io.podslice.node.ManagedNode;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * All WatchPods calls, and the one thread that sends them changes. The thread takes part in nothing that the brain
 * does: it waits for the revision to change, and then reads the node's state.
 */
final class Watchers implements AutoCloseable {
    private static final int MOST = 100;
    private static final Duration LOOK_WHETHER_READ = Duration.ofSeconds(1);
    private static final Duration LOOK_AT_LEAST = Duration.ofSeconds(30);

    private final Set<Watcher> all = ConcurrentHashMap.newKeySet();
    private final ManagedNode node;
    private final PodHistory history;
    private final Thread teller;
    private boolean started;

    Watchers(ManagedNode node, PodHistory history) {
        this.node = node;
        this.history = history;
        this.teller = Thread.ofPlatform().daemon().name("api-watch").unstarted(this::tell);
    }

    /** Adds a watcher, which is sent the changes at once and from then on. */
    synchronized void add(Watcher watcher) {
        if (all.size() >= MOST) {
            watcher.end(Status.RESOURCE_EXHAUSTED.withDescription(MOST + " clients watch already"));
            return;
        }
        all.add(watcher);
        if (!started) {
            started = true;
            teller.start();
        }
        advance(watcher);
    }

    int count() {
        return all.size();
    }

    void remove(Watcher watcher) {
        all.remove(watcher);
    }

    void advance(Watcher watcher) {
        if (!watcher.advance()) {
            all.remove(watcher);
        }
    }

    private void tell() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                boolean anyBehind = all.stream().anyMatch(Watcher::isBehind);
                node.awaitOtherRevision(history.revision(), anyBehind ? LOOK_WHETHER_READ : LOOK_AT_LEAST);
                try {
                    history.update(node.revisedSnapshot());
                    all.forEach(this::advance);
                } catch (RuntimeException e) {
                    endAll(Statuses.of(e));
                    Thread.sleep(LOOK_WHETHER_READ);
                }
            }
        } catch (InterruptedException e) {
            // The server has been closed.
            return;
        }
    }

    private void endAll(Status status) {
        List<Watcher> ended = List.copyOf(all);
        all.removeAll(ended);
        ended.forEach(watcher -> watcher.end(status));
    }

    @Override
    public void close() {
        teller.interrupt();
        all.forEach(watcher -> watcher.end(Status.UNAVAILABLE.withDescription("podslice ends; watch again")));
    }
}
