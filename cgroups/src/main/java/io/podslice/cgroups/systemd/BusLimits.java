package io.podslice.cgroups.systemd;

import java.time.Duration;

/**
 * Bounds on waiting for systemd, which answers one call after another and none while it reloads: for seconds on a large
 * node.
 *
 * @param answer the longest that a caller waits for an answer, or for a connection that is being made again
 * @param job the longest that a caller waits for a unit to be started or stopped
 * @param silence the time without an answer after which the connection is given up and made anew; also the longest that
 *     connecting waits for an answer
 * @param firstPause the time between the first attempts to connect; doubles with each
 * @param longestPause the longest time between two attempts to connect
 */
public record BusLimits(Duration answer, Duration job, Duration silence, Duration firstPause, Duration longestPause) {
    /** For systemd as PID 1: 2 s, 30 s, 30 s, 10 ms, 5 s. */
    public static final BusLimits DEFAULT = new BusLimits(
            Duration.ofSeconds(2),
            Duration.ofSeconds(30),
            Duration.ofSeconds(30),
            Duration.ofMillis(10),
            Duration.ofSeconds(5));
}
