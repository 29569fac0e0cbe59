package io.podslice.shim;

import com.google.protobuf.InvalidProtocolBufferException;
import io.podslice.shim.tap.Decision;
import io.podslice.shim.tap.GrpcStatus;
import io.podslice.shim.tap.HeldCall;
import io.podslice.shim.tap.Outcome;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Requests that cannot be parsed. */
final class Unreadable {
    /** The beginning of every annotation of podslice's. */
    private static final byte[] PREFIX = "podslice.io/".getBytes(StandardCharsets.US_ASCII);

    private Unreadable() {}

    /**
     * Leaves the answer to the runtime; but a request with annotations of podslice's is refused, since a runtime that
     * can read it would run the pod without what it asks for.
     */
    static Decision decision(HeldCall call, InvalidProtocolBufferException fault) {
        if (hasAnnotation(call.message())) {
            return new Decision.Fail(new GrpcStatus(
                    GrpcStatus.INVALID_ARGUMENT,
                    "request with annotations of podslice cannot be parsed: " + fault.getMessage()));
        }
        return new Decision.Forward(Outcome.NONE);
    }

    private static boolean hasAnnotation(ByteBuffer message) {
        for (int i = 0; i + PREFIX.length <= message.limit(); i++) {
            int same = 0;
            while (same < PREFIX.length && message.get(i + same) == PREFIX[same]) {
                same++;
            }
            if (same == PREFIX.length) {
                return true;
            }
        }
        return false;
    }
}
