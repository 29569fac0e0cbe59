package io.podslice.cluster.events;

import java.time.Duration;

/**
 * A rate of requests, of which some may come at once: a token bucket. What has been used of it is one number, the moment at
 * which all of it is there again.
 *
 * @param burst the most requests at once; at least 1
 * @param pause the time in which one more is allowed
 */
record Rate(int burst, Duration pause) {

    /**
     * Returns the moment of the next request, in nanoseconds; in the past where it is allowed now.
     *
     * @param used what has been used
     */
    long next(long used) {
        return used - (burst - 1) * pause.toNanos();
    }

    /**
     * Returns what has been used after one more request.
     *
     * @param used what has been used before it
     */
    long after(long used, long now) {
        return Math.max(used, now) + pause.toNanos();
    }
}
