package io.podslice.shim;

import com.google.protobuf.InvalidProtocolBufferException;
import io.podslice.shim.tap.Decision;
import io.podslice.shim.tap.GrpcStatus;
import io.podslice.shim.tap.Held;
import io.podslice.shim.tap.HeldCall;
import io.podslice.shim.tap.Outcome;
import java.nio.ByteBuffer;

/** What the held methods have in common: how a request that cannot be parsed, and a fault of ours, are met. */
abstract class CriCalls<M> implements Held {

    /** Parses the request. */
    abstract M parse(ByteBuffer message) throws InvalidProtocolBufferException;

    /** Decides a request. */
    abstract Decision decide(M request, HeldCall call) throws Exception;

    /** Whether the request is of a pod that asks something of podslice. */
    abstract boolean isClaimed(M request);

    @Override
    public final Decision decide(HeldCall call) throws Exception {
        M request;
        try {
            request = parse(call.message());
        } catch (InvalidProtocolBufferException e) {
            return unreadable(call, e);
        }
        return decide(request, call);
    }

    /** The runtime says what it thinks of it; but should it read what we cannot, no promise of ours may be passed by. */
    private static Decision unreadable(HeldCall call, InvalidProtocolBufferException e) {
        if (Claims.mayBeIn(call.message())) {
            return new Decision.Fail(new GrpcStatus(
                    GrpcStatus.INVALID_ARGUMENT,
                    "request with annotations of podslice cannot be parsed: " + e.getMessage()));
        }
        return new Decision.Forward(Outcome.NONE);
    }

    @Override
    public final Decision onFault(HeldCall call, Throwable fault) {
        try {
            if (isClaimed(parse(call.message()))) {
                return Refusals.failed(fault);
            }
        } catch (InvalidProtocolBufferException e) {
            return unreadable(call, e);
        }
        return new Decision.Forward(Outcome.NONE);
    }
}
