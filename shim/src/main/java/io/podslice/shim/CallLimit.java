package io.podslice.shim;

import io.podslice.node.TimeLimit;
import java.time.Duration;
import java.util.Optional;

/** The time that a held call gives the brain. */
final class CallLimit {
    /** The kubelet's default runtimeRequestTimeout, for clients that wait for ever. */
    private static final Duration DEFAULT = Duration.ofMinutes(2);

    /** A client that waits longer counts as one that waits so long. */
    private static final Duration LONGEST = Duration.ofHours(1);

    private CallLimit() {}

    /**
     * Returns the limit: the budget for the decision itself, and before that, while podslice's state is being read, nine
     * tenths of the time that the client waits, for the answer needs time to arrive.
     *
     * @param patience the time for which the client waits; empty if it waits for ever, which counts as two minutes
     */
    static TimeLimit of(Duration budget, Optional<Duration> patience) {
        Duration waits = patience.orElse(DEFAULT);
        Duration bounded = waits.compareTo(LONGEST) < 0 ? waits : LONGEST;
        return new TimeLimit(budget, bounded.multipliedBy(9).dividedBy(10));
    }
}
