package io.podslice.node.brain;

import io.podslice.node.Completion;
import io.podslice.node.NodeRequest;
import io.podslice.node.Refusal;
import io.podslice.node.Verdict;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The verdicts on requests that podslice cannot decide on. */
final class Faults {
    private static final Logger log = LoggerFactory.getLogger(Faults.class);

    private static final String REASON = "PodsliceError";

    private Faults() {}

    /** Returns the brain's verdict; if the brain fails, refuses a pod that asks, and lets any other pass. */
    static Verdict answered(Brain brain, NodeRequest request) {
        try {
            return brain.decide(request);
        } catch (RuntimeException e) {
            return verdict(request, brain.asks(request), e);
        }
    }

    /** Refuses a pod that asks, and lets any other pass. */
    static Verdict verdict(NodeRequest request, boolean asks, RuntimeException fault) {
        log.error("{}: {}", request.describe(), fault.getMessage(), fault);
        return asks ? new Verdict.Refuse(of(fault)) : new Verdict.Proceed(null, Completion.NONE);
    }

    static Refusal of(RuntimeException fault) {
        return new Refusal(REASON, Refusal.Kind.INTERNAL, String.valueOf(fault.getMessage()));
    }

    static Refusal undecided(String why) {
        return new Refusal(
                REASON,
                Refusal.Kind.INTERNAL,
                "podslice cannot decide on this pod, which asks for it by its annotations or its pod-level resources: "
                        + why);
    }
}
