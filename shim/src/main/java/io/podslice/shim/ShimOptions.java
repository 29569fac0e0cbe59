package io.podslice.shim;

import io.podslice.shim.tap.TapOptions;
import java.time.Duration;

/**
 * Limits of the shim.
 *
 * @param tap limits of each connection
 * @param connectTimeout how long the runtime may take to accept a connection before the client's is closed
 */
public record ShimOptions(TapOptions tap, Duration connectTimeout) {

    /** Returns the defaults: 5 s is the least that the kubelet itself waits for a connection. */
    public static ShimOptions defaults() {
        return new ShimOptions(TapOptions.defaults(), Duration.ofSeconds(5));
    }
}
