package io.podslice.cluster.apiserver;

import java.time.Duration;

/**
 * The end of the time for something, by the clock that no administrator sets.
 *
 * @param nanoTime as {@link System#nanoTime} counts
 */
public record Deadline(long nanoTime) {

    /** Returns the end of a time that begins now. */
    public static Deadline in(Duration time) {
        return new Deadline(System.nanoTime() + time.toNanos());
    }

    /** Returns the nanoseconds that are left; at least 0. */
    public long nanos() {
        return Math.max(0, nanoTime - System.nanoTime());
    }

    /** Returns the earlier of this one and one from now. */
    public Deadline within(Duration time) {
        Deadline other = in(time);
        return nanoTime - other.nanoTime < 0 ? this : other;
    }
}
