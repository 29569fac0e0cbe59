package io.podslice.node;

import java.time.Duration;

/**
 * The time that a door gives the brain for one request.
 *
 * @param decision the longest time for the decision, counted from the moment at which podslice can decide: the time for
 *     which it still reads its state is no part of it
 * @param opening the longest time, counted from the call, until a door has its answer that calls while podslice still
 *     reads its state
 */
public record TimeLimit(Duration decision, Duration opening) {

    /** Returns the limit of a door that waits that long in all. */
    public static TimeLimit of(Duration all) {
        return new TimeLimit(all, all);
    }
}
