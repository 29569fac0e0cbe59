package io.podslice.agent.api;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.podslice.proto.v1.WatchPodsResponse;
import java.time.Duration;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One WatchPods call. It holds nothing but the revision that its client has seen: changes that come while the client
 * does not read are sent as one when it does. Any thread may call it.
 */
final class Watcher {
    private static final Logger LOG = LoggerFactory.getLogger(Watcher.class);

    private final ServerCallStreamObserver<WatchPodsResponse> client;
    private final PodHistory history;
    private final Function<PodHistory.Changes, WatchPodsResponse.Builder> message;
    private final PodFilter wanted;
    private final long patienceNanos;
    private long seen;

    /** The time at which changes were first found unread; 0 while the client reads. */
    private long unreadSince;

    private boolean begun;
    private boolean ended;

    /**
     * @param seen the revision that the client has seen
     * @param wanted the pods whose changes are sent
     * @param message makes the message to send
     * @param patience the longest time for which the client may leave changes unread
     */
    Watcher(
            ServerCallStreamObserver<WatchPodsResponse> client,
            PodHistory history,
            long seen,
            PodFilter wanted,
            Function<PodHistory.Changes, WatchPodsResponse.Builder> message,
            Duration patience) {
        this.client = client;
        this.history = history;
        this.seen = seen;
        this.wanted = wanted;
        this.message = message;
        this.patienceNanos = patience.toNanos();
    }

    /**
     * Sends the changes that the client has not seen, if it reads.
     *
     * @return true if the call goes on
     */
    synchronized boolean advance() {
        if (ended || client.isCancelled()) {
            ended = true;
            return false;
        }
        PodHistory.Changes changes = history.since(seen, wanted);
        if (changes.isEmpty() && !isNews(changes)) {
            unreadSince = 0;
            return true;
        }
        if (!client.isReady()) {
            return hasPatience(System.nanoTime());
        }
        unreadSince = 0;
        try {
            WatchPodsResponse.Builder next = message.apply(changes);
            if (!begun) {
                wanted.info().ifPresent(next::setShardInfo);
            }
            client.onNext(next.build());
            begun = true;
            seen = changes.revision();
            return true;
        } catch (RuntimeException e) {
            end(Statuses.of(e));
            return false;
        }
    }

    /** Tells if the client of a shard is sent a revision alone: its first message, and what has changed in other shards. */
    private boolean isNews(PodHistory.Changes changes) {
        return wanted.isSharded() && (!begun || changes.revision() > seen);
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

    /** Tells if changes wait for the client. */
    synchronized boolean isBehind() {
        return unreadSince != 0;
    }

    /** Ends the call, if it has not ended. */
    synchronized void end(Status status) {
        if (!ended) {
            ended = true;
            try {
                client.onError(status.asRuntimeException());
            } catch (IllegalStateException e) {
                // The call has ended meanwhile.
                LOG.debug("a watch has ended by itself: {}", e.getMessage());
            }
        }
    }
}
