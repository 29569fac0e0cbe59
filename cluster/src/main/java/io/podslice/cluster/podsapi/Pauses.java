package io.podslice.cluster.podsapi;

import java.util.concurrent.ThreadLocalRandom;

/** Pauses between attempts: each twice the one before, up to a bound, and a random part of it. For use by one thread. */
final class Pauses {
    private final long firstMillis;
    private final long longestMillis;
    private long nextMillis;

    Pauses(long firstMillis, long longestMillis) {
        this.firstMillis = firstMillis;
        this.longestMillis = longestMillis;
        this.nextMillis = firstMillis;
    }

    /** Returns the next pause in milliseconds: between half of its full length and all of it. */
    long next() {
        long full = nextMillis;
        nextMillis = Math.min(longestMillis, 2 * full);
        return ThreadLocalRandom.current().nextLong(full / 2, full + 1);
    }

    /** Begins with the shortest pause again. */
    void reset() {
        nextMillis = firstMillis;
    }
}
