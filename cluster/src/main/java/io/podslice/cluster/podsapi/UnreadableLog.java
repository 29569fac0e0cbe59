package io.podslice.cluster.podsapi;

import io.podslice.cluster.wire.UnreadableException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs what the kubelet sends and podslice cannot read, once a minute whatever comes: one such pod is no reason to lose the
 * others, and its events may be many. Safe for use by many threads.
 */
final class UnreadableLog {
    private static final Logger LOG = LoggerFactory.getLogger(UnreadableLog.class);
    private static final long QUIET_NANOS = Duration.ofMinutes(1).toNanos();

    private long count;
    private @Nullable Long saidNanos;

    /** Counts an answer or event, and logs it unless another one was logged within a minute. */
    synchronized void add(UnreadableException e) {
        count++;
        long now = System.nanoTime();
        if (saidNanos == null || now - saidNanos >= QUIET_NANOS) {
            saidNanos = now;
            LOG.warn("Pods API: not taken, with {} before it: {}", count - 1, e.getMessage());
        }
    }
}
