package io.podslice.grpc;

import java.time.Duration;

/**
 * Bounds for a silent server, which may be alive with nothing to say, or hang. A server that dies closes its sockets, which
 * needs no bound.
 *
 * @param after the silence after which the server is sent a PING. gRPC's servers end a connection on which PINGs come more
 *     often than every 5 minutes with nothing sent by them in between (too_many_pings), unless they are configured otherwise
 * @param timeout the time for any byte in answer to a PING, and for the first byte on a new connection
 */
public record Keepalive(Duration after, Duration timeout) {

    /** For gRPC's servers as they are without configuration. */
    public static final Keepalive DEFAULT = new Keepalive(Duration.ofMinutes(6), Duration.ofSeconds(20));

    /** @throws IllegalArgumentException if one of them is not above zero */
    public Keepalive {
        if (!after.isPositive() || !timeout.isPositive()) {
            throw new IllegalArgumentException("after " + after + " and timeout " + timeout + " must be above zero");
        }
    }
}
