package io.podslice.shim;

import io.podslice.shim.tap.TapOptions;
import java.time.Duration;

/**
 * Limits of the shim.
 *
 * @param tap limits of each connection
 * @param connectTimeout how long the runtime may take to accept a connection before the client's is closed
 * @param mostConnections connections of clients that are open at one time; others wait to be accepted
 */
public record ShimOptions(TapOptions tap, Duration connectTimeout, int mostConnections) {

    /** Some 4 KiB of heap each, half of what there is at most. */
    private static final int MOST_CONNECTIONS = 8192;

    /** Returns the defaults: 5 s is the least that the kubelet itself waits for a connection; 8192 connections. */
    public static ShimOptions defaults() {
        return new ShimOptions(TapOptions.defaults(), Duration.ofSeconds(5), MOST_CONNECTIONS);
    }
}
