package io.podslice.integration.bench;

import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Callers in a closed loop, each a thread that makes its next call when the last one has been answered, as the
 * kubelet's workers do.
 */
final class Load {

    /**
     * The longest that a call may take, beyond any stall of a busy machine; a call that takes longer means a broken
     * way.
     */
    private static final long PATIENCE_SECONDS = 60;

    private final Work work;
    private final MethodDescriptor<byte[], Integer> method;
    private final int callers;

    Load(Work work, int callers) {
        this.work = work;
        this.method = ByteMarshaller.client(work.method());
        this.callers = callers;
    }

    /** Calls for the given time; returns the latency of every call made. */
    Samples run(Door door, long nanos) {
        long end = System.nanoTime() + nanos;
        AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();
        List<Samples> rounds = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < callers; i++) {
            Samples samples = new Samples(1 << 12);
            rounds.add(samples);
            threads.add(Thread.ofPlatform().name("caller-" + i).start(() -> {
                try {
                    do {
                        samples.add(call(door));
                    } while (System.nanoTime() < end);
                } catch (BenchException e) {
                    failure.compareAndSet(null, e);
                }
            }));
        }
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchException("interrupted", e);
        }
        RuntimeException failed = failure.get();
        if (failed != null) {
            throw failed;
        }
        return Samples.all(rounds);
    }

    /** Makes a number of calls, one after the other; returns their latencies. */
    Samples first(Door door, int calls) {
        Samples samples = new Samples(calls);
        for (int i = 0; i < calls; i++) {
            samples.add(call(door));
        }
        return samples;
    }

    private long call(Door door) {
        CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS);
        long start = System.nanoTime();
        int length;
        try {
            length = ClientCalls.blockingUnaryCall(door.channel(), method, options, work.request());
        } catch (StatusRuntimeException e) {
            throw new BenchException("%s through %s: %s".formatted(work.name(), door.name(), e.getStatus()), e);
        }
        long nanos = System.nanoTime() - start;
        if (length != work.reply().length) {
            throw new BenchException("%s through %s: %d bytes in place of %d"
                    .formatted(work.name(), door.name(), length, work.reply().length));
        }
        return nanos;
    }
}
