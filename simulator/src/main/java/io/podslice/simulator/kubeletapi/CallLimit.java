package io.podslice.simulator.kubeletapi;

import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * The kubelet's limit of unary calls: one bucket of tokens for all methods of a socket. Streams are free (facts:
 * kubelet-apis 1.1).
 */
final class CallLimit implements ServerInterceptor {
    private static final double PER_SECOND = 100;
    private static final double BURST = 10;

    private final LongSupplier nanos;
    private final AtomicLong rejected = new AtomicLong();
    private double tokens = BURST;
    private long last;

    /** @param nanos a clock that only goes forward, in nanoseconds */
    CallLimit(LongSupplier nanos) {
        this.nanos = nanos;
        this.last = nanos.getAsLong();
    }

    /** Returns the number of calls that were rejected so far. */
    long rejected() {
        return rejected.get();
    }

    @Override
    public <A, B> ServerCall.Listener<A> interceptCall(
            ServerCall<A, B> call, Metadata headers, ServerCallHandler<A, B> next) {
        if (call.getMethodDescriptor().getType() == MethodType.UNARY && !take()) {
            rejected.incrementAndGet();
            call.close(Status.RESOURCE_EXHAUSTED.withDescription("rejected by rate limit"), new Metadata());
            return new ServerCall.Listener<>() {};
        }
        return next.startCall(call, headers);
    }

    /** Takes a token for one call; returns false if there is none. */
    synchronized boolean take() {
        long now = nanos.getAsLong();
        tokens = Math.min(BURST, tokens + (now - last) * PER_SECOND / 1e9);
        last = now;
        if (tokens < 1) {
            return false;
        }
        tokens -= 1;
        return true;
    }
}
