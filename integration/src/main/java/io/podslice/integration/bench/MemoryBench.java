package io.podslice.integration.bench;

import io.grpc.CallOptions;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.podslice.integration.bench.ProxyResult.Figure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Measures what podslice has resident after a load like that of critest, and what connections cost that are held: pods
 * that come and go, lists at once, pulls and events under way meanwhile, large messages.
 */
final class MemoryBench {

    /**
     * The size of the load.
     *
     * @param pods pods with a container that come and go, {@value #AT_ONCE} at once
     * @param lists lists of 500 KB at once
     * @param listing the time for which they are asked for
     * @param large bytes of each of two large messages at once
     * @param idle connections held, for which there is a target
     * @param held connections held at the end
     * @param rest time given to the JVM to return what it has freed
     */
    record Size(int pods, int lists, Duration listing, int large, int idle, int held, Duration rest) {}

    static final double TARGET_MEBIBYTES = 80;
    static final double TARGET_WITH_IDLE_MEBIBYTES = 96;

    private static final int AT_ONCE = 8;
    private static final int PULLS = 4;

    private final Programs programs;
    private final Supplier<Peer> proxy;
    private final Size size;
    private final Consumer<String> progress;

    /**
     * @param proxy starts the program under test
     * @param progress hears of each step, for a person who waits
     */
    MemoryBench(Programs programs, Supplier<Peer> proxy, Size size, Consumer<String> progress) {
        this.programs = programs;
        this.proxy = proxy;
        this.size = size;
        this.progress = progress;
    }

    List<Figure> run() {
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try (Peer runtime = programs.runtime();
                Peer shim = proxy.get();
                Door door = Door.open("the shim", shim.socket(), loops)) {
            List<Figure> figures = new ArrayList<>();
            progress.accept("%s in front of %s".formatted(shim.socket(), runtime.socket()));
            rest();
            figures.add(new Figure("resident before", shim.mebibytes("VmRSS"), "MiB", null));
            try (ExecutorService callers = Executors.newCachedThreadPool()) {
                watch(door);
                List<Future<?>> pulls = start(callers, PULLS, () -> new Load(Work.pull(), 1).first(door, 1));
                progress.accept("pods");
                await(start(callers, AT_ONCE, () -> live(door, size.pods() / AT_ONCE)));
                progress.accept("lists");
                new Load(Work.list(), size.lists()).run(door, size.listing().toNanos());
                progress.accept("large messages");
                await(start(callers, 2, () -> new Load(Work.sandbox(size.large()), 1).first(door, 1)));
                await(pulls);
            }
            rest();
            figures.add(new Figure("resident after the load", shim.mebibytes("VmRSS"), "MiB", TARGET_MEBIBYTES));
            figures.add(new Figure("of it anonymous", shim.mebibytes("RssAnon"), "MiB", null));
            figures.add(new Figure("most ever resident", shim.mebibytes("VmHWM"), "MiB", null));
            figures.add(new Figure("threads of the system", shim.threads(), "", null));
            crowd(shim, door, figures);
            return figures;
        } finally {
            loops.close();
        }
    }

    private void crowd(Peer shim, Door door, List<Figure> figures) {
        try (Crowd crowd = new Crowd(shim.socket())) {
            hold(crowd, size.idle(), TARGET_WITH_IDLE_MEBIBYTES, shim, door, figures);
            hold(crowd, size.held(), null, shim, door, figures);
            figures.add(new Figure("connections refused", crowd.refused(), "", 0.0));
        }
    }

    private void hold(Crowd crowd, int count, @Nullable Double target, Peer shim, Door door, List<Figure> figures) {
        progress.accept(count + " connections");
        crowd.growTo(count);
        live(door, 1);
        rest();
        figures.add(
                new Figure("resident with %d connections".formatted(count), shim.mebibytes("VmRSS"), "MiB", target));
        figures.add(new Figure("threads with %d connections".formatted(count), shim.threads(), "", null));
    }

    private static void live(Door door, int pods) {
        List<Load> calls = Work.life().stream().map(work -> new Load(work, 1)).toList();
        for (int i = 0; i < pods; i++) {
            for (Load call : calls) {
                call.first(door, 1);
            }
        }
    }

    /** Asks for events; the stream ends with its channel. */
    private static void watch(Door door) {
        ClientCalls.asyncServerStreamingCall(
                door.channel().newCall(ByteMarshaller.watching(Work.EVENTS), CallOptions.DEFAULT),
                new byte[0],
                new StreamObserver<Integer>() {
                    @Override
                    public void onNext(Integer length) {}

                    @Override
                    public void onError(Throwable end) {}

                    @Override
                    public void onCompleted() {}
                });
    }

    private static List<Future<?>> start(ExecutorService callers, int count, Runnable task) {
        List<Future<?>> started = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            started.add(callers.submit(task));
        }
        return started;
    }

    private static void await(List<Future<?>> tasks) {
        for (Future<?> task : tasks) {
            try {
                task.get();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new BenchException("interrupted", e);
            } catch (ExecutionException e) {
                throw new BenchException("a call failed: " + e.getMessage(), e);
            }
        }
    }

    private void rest() {
        LockSupport.parkNanos(size.rest().toNanos());
    }
}
