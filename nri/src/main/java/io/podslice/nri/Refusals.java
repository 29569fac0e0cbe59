package io.podslice.nri;

import io.podslice.node.Refusal;
import io.podslice.nri.ttrpc.TtrpcException;
import io.podslice.nri.ttrpc.TtrpcStatus;

/** Translates the brain's refusals to ttrpc statuses; the only place that does. */
final class Refusals {
    private Refusals() {}

    static TtrpcException of(Refusal refusal) {
        int code = switch (refusal.kind()) {
            case INVALID -> TtrpcStatus.INVALID_ARGUMENT;
            case EXHAUSTED -> TtrpcStatus.RESOURCE_EXHAUSTED;
            case PRECONDITION -> TtrpcStatus.FAILED_PRECONDITION;
            case INTERNAL -> TtrpcStatus.INTERNAL;
        };
        return new TtrpcException(code, refusal.text());
    }

    /**
     * Returns the refusal of a pod that asks something of podslice while podslice cannot decide: the pod must not run
     * unpinned.
     */
    static TtrpcException undecided(String why) {
        return new TtrpcException(
                TtrpcStatus.INTERNAL,
                "PodsliceError: podslice cannot decide on this pod, which asks for it by its annotations: " + why);
    }
}
