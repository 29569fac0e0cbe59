package io.podslice.agent.api;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.podslice.proto.v1.WatchPodsResponse;
import java.time.Duration;
import java.util.function.Function;

/**
 * One WatchPods call. All that it holds is the revision that its client has seen: whatever changes while the client
 * does not read is sent as one when it does. Any thread may call it.
 */
final class Watcher {
    private final ServerCallStreamObserver<WatchPodsResponse> client;
    private final PodHistory history;
    private final Function<PodHistory.Changes, WatchPodsResponse> message;
    private final String namespace;
    private final long patienceNanos;
    private long seen;

    /** When it was first found not to read what waits for it; 0 while it reads. */
    private long unreadSince;

    private boolean ended;

    /**
     * @param seen the revision that the client has seen
     * @param namespace empty: all
     * @param message makes what is sent
     * @param patience how long the client may leave something unread
     */
    Watcher(
            ServerCallStreamObserver<WatchPodsResponse> client,
            PodHistory history,
            long seen,
            String namespace,
            Function<PodHistory.Changes, WatchPodsResponse> message,
            Duration patience) {
        this.client = client;
        this.history = history;
        this.seen = seen;
        this.namespace = namespace;
        this.message = message;
        this.patienceNanos = patience.toNanos();
    }

    /**
     * Sends what the client has not seen, if it reads.
     *
     * @return whether it goes on
     */
    synchronized boolean advance() {
        if (ended || client.isCancelled()) {
            ended = true;
            return false;
        }
        PodHistory.Changes changes = history.since(seen, namespace);
        if (changes.isEmpty()) {
            unreadSince = 0;
            return true;
        }
        if (!client.isReady()) {
            return hasPatience(System.nanoTime());
        }
        unreadSince = 0;
        try {
            client.onNext(message.apply(changes));
            seen = changes.revision();
            return true;
        } catch (RuntimeException e) {
            end(Statuses.of(e));
            return false;
        }
    }

    private boolean hasPatience(long now) {
        if (unreadSince == 0) {
            unreadSince = now == 0 ? 1 : now;
        }
        if (now - unreadSince < patienceNanos) {
            return true;
        }
        end(Status.RESOURCE_EXHAUSTED.withDescription("changes since revision " + seen + " were left unread for "
                + Duration.ofNanos(patienceNanos).toSeconds() + " s; watch again from there"));
        return false;
    }

    /** Whether something waits for it. */
    synchronized boolean isBehind() {
        return unreadSince != 0;
    }

    /** Ends the call, if it has not ended. */
    synchronized void end(Status status) {
        if (!ended) {
            ended = true;
            client.onError(status.asRuntimeException());
        }
    }
}
