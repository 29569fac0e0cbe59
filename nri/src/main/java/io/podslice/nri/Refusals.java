package io.podslice.nri;

import io.podslice.node.Refusal;
import io.podslice.nri.ttrpc.TtrpcException;
import io.podslice.nri.ttrpc.TtrpcStatus;

/** The brain's refusals in ttrpc's terms: the one place where they are translated. */
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
}
