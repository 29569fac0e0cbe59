package io.podslice.cluster.apiserver;

import java.time.Duration;
import java.util.function.DoubleSupplier;

/**
 * The pauses between attempts to watch: they double with each failure, and each is cut by a random part of up to half, so
 * that the nodes of a cluster do not come back to a server at once. For one thread.
 */
final class Pauses {
    private final WatchTimes times;
    private final DoubleSupplier random;
    private int failures;

    /** @param random gives numbers from 0 to below 1 */
    Pauses(WatchTimes times, DoubleSupplier random) {
        this.times = times;
        this.random = random;
    }

    /** Returns the pause after a watch that began, and ended after that time. */
    Duration afterWatch(Duration length) {
        if (length.compareTo(times.healthy()) >= 0) {
            failures = 0;
            return Duration.ZERO;
        }
        return next(times.shortPause());
    }

    /** Returns the pause after an attempt that led to no watch. */
    Duration afterFailure() {
        return next(times.longPause());
    }

    private Duration next(Duration longest) {
        // 30 doublings of a millisecond are 12 days.
        long nanos = times.firstPause().toNanos() << Math.min(failures++, 30);
        long bounded = nanos <= 0 ? longest.toNanos() : Math.min(nanos, longest.toNanos());
        return Duration.ofNanos((long) (bounded * (1 - random.getAsDouble() / 2)));
    }
}
