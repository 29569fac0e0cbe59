package io.podslice.shim;

import com.google.protobuf.InvalidProtocolBufferException;
import io.podslice.grpc.GrpcStatus;
import io.podslice.node.Refusal;
import io.podslice.shim.tap.Decision;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Refusals in gRPC's terms, the brain's and the door's own: the one place where a status is chosen. */
final class Refusals {
    private Refusals() {}

    /** Translates a refusal of the brain. */
    static Decision.Reply reply(Refusal refusal) {
        int code = switch (refusal.kind()) {
            case INVALID -> GrpcStatus.INVALID_ARGUMENT;
            case EXHAUSTED -> GrpcStatus.RESOURCE_EXHAUSTED;
            case PRECONDITION -> GrpcStatus.FAILED_PRECONDITION;
            case INTERNAL -> GrpcStatus.INTERNAL;
        };
        return fail(code, refusal.text());
    }

    /**
     * Leaves the answer to a request that cannot be parsed to the runtime; but one with annotations of podslice's is
     * refused, since a runtime that can read it would run the pod without what it asks for.
     */
    static Decision unreadable(ByteBuffer message, InvalidProtocolBufferException fault) {
        return Unreadable.hasAnnotation(message)
                ? fail(
                        GrpcStatus.INVALID_ARGUMENT,
                        "request with annotations of podslice cannot be parsed: " + fault.getMessage())
                : new Decision.Forward();
    }

    /** Refuses a change that the runtime has to agree to, since the runtime cannot be reached. */
    static Decision.Reply runtimeUnreachable(IOException fault) {
        return fail(GrpcStatus.UNAVAILABLE, "the runtime cannot be asked whether it agrees: " + fault);
    }

    private static Decision.Reply fail(int code, String text) {
        return new Decision.Fail(new GrpcStatus(code, text));
    }
}
