package io.podslice.integration.bench;

import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.podslice.integration.bench.ProxyResult.Figure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Measures how long it takes until the last of many pods has started that begin at once, as after a drain or a power cut:
 * straight to a runtime that takes its time for each container, and through podslice, in turn.
 */
final class StormBench {
    /** Of the last pod's start through podslice over that straight to the runtime. */
    static final double TARGET_RATIO = 1.1;

    private static final double MEDIAN = 0.5;
    private static final double MICROS_PER_MILLI = 1_000;

    private static final String SERVICE = "runtime.v1.RuntimeService/";

    private final Programs programs;
    private final int pods;
    private final Duration creation;
    private final Consumer<String> progress;

    /**
     * @param pods that start at once
     * @param creation the time that the runtime takes for a container
     * @param progress hears of each step, for a person who waits
     */
    StormBench(Programs programs, int pods, Duration creation, Consumer<String> progress) {
        this.programs = programs;
        this.pods = pods;
        this.creation = creation;
        this.progress = progress;
    }

    /** Runs so many storms of each side, after one that does not count. */
    List<Figure> run(int rounds) {
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try (Peer runtime = programs.slowRuntime(creation);
                Door direct = Door.open("the socket itself", runtime.socket(), loops);
                Peer shim = programs.shim();
                Door through = Door.open("the shim", shim.socket(), loops)) {
            Samples ofDirect = new Samples(rounds);
            Samples ofThrough = new Samples(rounds);
            double[] ratios = new double[rounds];
            for (int round = -1; round < rounds; round++) {
                progress.accept("storm %d of %d".formatted(round + 1, rounds));
                boolean directFirst = round % 2 == 0;
                long first = storm(directFirst ? direct : through);
                long second = storm(directFirst ? through : direct);
                if (round >= 0) {
                    ofDirect.add(directFirst ? first : second);
                    ofThrough.add(directFirst ? second : first);
                    ratios[round] = directFirst ? (double) second / first : (double) first / second;
                }
            }
            return List.of(
                    new Figure("last pod started, direct", millis(ofDirect), "ms", null),
                    new Figure("last pod started, through", millis(ofThrough), "ms", null),
                    new Figure("through over direct", Samples.median(ratios), "", TARGET_RATIO),
                    new Figure("resident after the storms", shim.mebibytes("VmRSS"), "MiB", null));
        } finally {
            loops.close();
        }
    }

    private static double millis(Samples samples) {
        return samples.micros(MEDIAN) / MICROS_PER_MILLI;
    }

    /** Starts the pods at once; returns the nanoseconds until the last one has started. */
    private long storm(Door door) {
        AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();
        List<Thread> starting = new ArrayList<>();
        long begun = System.nanoTime();
        for (int i = 0; i < pods; i++) {
            starting.add(Thread.ofVirtual().start(() -> {
                try {
                    start(door);
                } catch (StatusRuntimeException e) {
                    failure.compareAndSet(
                            null,
                            new BenchException("a pod could not start by " + door.name() + ": " + e.getStatus(), e));
                }
            }));
        }
        try {
            for (Thread pod : starting) {
                pod.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchException("interrupted", e);
        }
        long took = System.nanoTime() - begun;
        RuntimeException failed = failure.get();
        if (failed != null) {
            throw failed;
        }
        return took;
    }

    private void start(Door door) {
        for (Work call : Work.life()) {
            call(door, call);
            if (call.method().equals(SERVICE + "StartContainer")) {
                return;
            }
        }
        throw new IllegalStateException("a life without StartContainer");
    }

    private void call(Door door, Work work) {
        MethodDescriptor<byte[], Integer> method = ByteMarshaller.client(work.method());
        CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(1, TimeUnit.MINUTES);
        ClientCalls.blockingUnaryCall(door.channel(), method, options, work.request());
    }
}
