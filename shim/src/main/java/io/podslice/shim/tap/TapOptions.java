package io.podslice.shim.tap;

import java.time.Duration;

/**
 * Limits of a tap.
 *
 * @param decisionBudget how long a decision may take, and an outcome or an observer before the call goes on without it
 * @param maxMessageBytes largest message of an intercepted call, compressed or not; a larger one gets
 *     RESOURCE_EXHAUSTED, as a gRPC server with that limit would answer
 * @param maxHeldBytes largest sum of messages of held calls that are in memory at one time, of all connections; what
 *     comes beyond it waits, and a larger message is held when there is no other
 * @param idleAfterHalfClose once one side has closed its half of the connection, how long the other may stay silent
 *     before the connection is ended
 */
public record TapOptions(Duration decisionBudget, int maxMessageBytes, long maxHeldBytes, Duration idleAfterHalfClose) {

    private static final int CRI_MESSAGE_LIMIT = 16 << 20;

    /** 10 s; 16 MiB, which is what CRI clients and runtimes allow a message; as much held; 5 minutes. */
    public static TapOptions defaults() {
        return new TapOptions(Duration.ofSeconds(10), CRI_MESSAGE_LIMIT, CRI_MESSAGE_LIMIT, Duration.ofMinutes(5));
    }
}
