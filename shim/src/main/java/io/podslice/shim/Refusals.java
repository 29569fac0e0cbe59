package io.podslice.shim;

import io.podslice.node.Refusal;
import io.podslice.shim.tap.Decision;
import io.podslice.shim.tap.GrpcStatus;

/** The brain's refusals in gRPC's terms: the one place where they are translated. */
final class Refusals {
    private Refusals() {}

    static GrpcStatus status(Refusal refusal) {
        int code = switch (refusal.kind()) {
            case INVALID -> GrpcStatus.INVALID_ARGUMENT;
            case EXHAUSTED -> GrpcStatus.RESOURCE_EXHAUSTED;
            case PRECONDITION -> GrpcStatus.FAILED_PRECONDITION;
            case INTERNAL -> GrpcStatus.INTERNAL;
        };
        return new GrpcStatus(code, refusal.text());
    }

    static Decision.Reply reply(Refusal refusal) {
        return new Decision.Fail(status(refusal));
    }
}
