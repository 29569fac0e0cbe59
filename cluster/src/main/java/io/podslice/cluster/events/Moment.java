package io.podslice.cluster.events;

import java.time.Instant;

/**
 * A moment by both clocks.
 *
 * @param nanos by the clock that no administrator sets, for pauses and rates; at least 0
 * @param time by the wall's, for people
 */
record Moment(long nanos, Instant time) {}
