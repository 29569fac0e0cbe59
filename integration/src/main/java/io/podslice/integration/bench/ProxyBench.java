package io.podslice.integration.bench;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.podslice.integration.bench.ProxyResult.Circumstances;
import io.podslice.integration.bench.ProxyResult.Figure;
import io.podslice.integration.bench.ProxyResult.Latency;
import io.podslice.integration.bench.ProxyResult.Range;
import io.podslice.integration.bench.ProxyResult.Row;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Measures calls through a proxy against the same calls without it. Both ways stay open for the whole run and take
 * turns, round by round, each being first in every other round; each ratio is formed within one pair of rounds, so that
 * other work of the machine disturbs both, and the median of the ratios counts.
 */
final class ProxyBench {

    /**
     * The size of a measurement.
     *
     * @param rounds pairs of rounds for each row
     * @param round the duration of one side of a round
     * @param warmUp the time for which each side of each row runs before the first round
     * @param starts the number of start-ups measured
     */
    record Size(int rounds, Duration round, Duration warmUp, int starts) {}

    private static final int FIRST_CALLS = 100;
    private static final int CPU_CALLERS = 8;
    private static final double CPU_CALLS = 10_000;

    private final Programs programs;
    private final Supplier<Peer> proxy;
    private final Size size;
    private final Beside beside;
    private final double mostMebibytes;
    private final Consumer<String> progress;
    private final List<Series> series;

    /**
     * @param proxy starts the program under test
     * @param beside its work beside the calls
     * @param mostMebibytes the most that it should have resident after the run
     * @param progress hears of each step, for a person who waits
     */
    ProxyBench(
            Programs programs,
            Supplier<Peer> proxy,
            Size size,
            Beside beside,
            double mostMebibytes,
            Consumer<String> progress) {
        this.programs = programs;
        this.proxy = proxy;
        this.size = size;
        this.beside = beside;
        this.mostMebibytes = mostMebibytes;
        this.progress = progress;
        Work unary = Work.unary();
        Work list = Work.list();
        Work create = Work.create();
        this.series = List.of(
                new Series(unary, 1, 1.6, size.rounds()),
                new Series(unary, 8, 1.5, size.rounds()),
                new Series(unary, 64, 1.3, size.rounds()),
                new Series(list, 1, 1.8, size.rounds()),
                new Series(list, 8, 2.0, size.rounds()),
                new Series(list, 64, 1.7, size.rounds()),
                new Series(create, 1, null, size.rounds()),
                new Series(create, 8, null, size.rounds()));
    }

    ProxyResult run() {
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try (Peer runtime = programs.runtime()) {
            List<Figure> figures = new ArrayList<>();
            Circumstances circumstances;
            try (Door direct = Door.open("the socket itself", runtime.socket(), loops)) {
                try (Peer shim = proxy.get();
                        Door through = Door.open("the shim", shim.socket(), loops)) {
                    beside.begin();
                    warmUp(direct, through);
                    circumstances = measure(direct, through, runtime, shim, figures);
                    figures.add(new Figure("resident after the run", shim.mebibytes("VmRSS"), "MiB", mostMebibytes));
                    figures.add(new Figure("of it anonymous", shim.mebibytes("RssAnon"), "MiB", null));
                    shim.mappings()
                            .forEach((kind, mebibytes) ->
                                    figures.add(new Figure("of it " + kind, mebibytes, "MiB", null)));
                    figures.add(new Figure("most ever resident", shim.mebibytes("VmHWM"), "MiB", null));
                    figures.add(new Figure("threads of the system", shim.threads(), "", null));
                }
            }
            start(loops, runtime, figures);
            return new ProxyResult(series.stream().map(Series::row).toList(), figures, circumstances);
        } finally {
            loops.close();
        }
    }

    private void warmUp(Door direct, Door through) {
        progress.accept("warming up");
        for (Series one : series) {
            one.load.run(direct, size.warmUp().toNanos());
            one.load.run(through, size.warmUp().toNanos());
        }
    }

    private Circumstances measure(Door direct, Door through, Peer runtime, Peer shim, List<Figure> figures) {
        MachineTime before = MachineTime.now();
        double loadBefore = ownSeconds() + runtime.cpuSeconds() + shim.cpuSeconds();
        long collectedBefore = collectionMillis();
        CpuMeter meter = new CpuMeter(runtime, shim);
        for (int round = 0; round < size.rounds(); round++) {
            progress.accept("round %d of %d".formatted(round + 1, size.rounds()));
            beside.round();
            boolean directFirst = round % 2 == 0;
            for (Series one : series) {
                if (directFirst) {
                    one.direct(round, one.load.run(direct, size.round().toNanos()));
                }
                if (one.counted()) {
                    meter.start();
                }
                Samples samples = one.load.run(through, size.round().toNanos());
                if (one.counted()) {
                    meter.stop(samples.size());
                }
                one.through(round, samples);
                if (!directFirst) {
                    one.direct(round, one.load.run(direct, size.round().toNanos()));
                }
            }
        }
        meter.report(figures);
        MachineTime machine = MachineTime.now().minus(before);
        double load = ownSeconds() + runtime.cpuSeconds() + shim.cpuSeconds() - loadBefore;
        double others = Math.max(0, machine.busy() - load * Peer.TICKS_PER_SECOND) / machine.total();
        return new Circumstances(
                size.rounds(),
                Runtime.getRuntime().availableProcessors(),
                others,
                machine.stolen() / (double) machine.total(),
                collectionMillis() - collectedBefore);
    }

    /**
     * Measures a restart as the kubelet sees it: until the socket is back, and then the first calls, against a warm
     * runtime.
     */
    private void start(EventLoopGroup loops, Peer runtime, List<Figure> figures) {
        Load load = new Load(Work.unary(), 1);
        double[] listening = new double[size.starts()];
        double[] first = new double[size.starts()];
        double[] ratio = new double[size.starts()];
        for (int i = 0; i < size.starts(); i++) {
            progress.accept("start %d of %d".formatted(i + 1, size.starts()));
            double direct;
            try (Door door = Door.open("the socket itself", runtime.socket(), loops)) {
                direct = load.first(door, FIRST_CALLS).micros(0.5);
            }
            try (Peer shim = proxy.get();
                    Door door = Door.open("the shim", shim.socket(), loops)) {
                listening[i] = shim.startMillis();
                first[i] = load.first(door, FIRST_CALLS).micros(0.5);
                ratio[i] = first[i] / direct;
            }
        }
        figures.add(new Figure("start to listening socket", Samples.median(listening), "ms", 500.0));
        figures.add(new Figure("first %d calls, median".formatted(FIRST_CALLS), Samples.median(first), "us", null));
        figures.add(new Figure("first %d calls over direct".formatted(FIRST_CALLS), Samples.median(ratio), "", 5.0));
    }

    private static double ownSeconds() {
        return ProcessHandle.current()
                        .info()
                        .totalCpuDuration()
                        .orElse(Duration.ZERO)
                        .toNanos()
                / 1e9;
    }

    private static long collectionMillis() {
        long millis = 0;
        for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
            millis += collector.getCollectionTime();
        }
        return millis;
    }

    /** Processor time of both processes while the shim carries unary calls for eight callers. */
    private static final class CpuMeter {

        private final Peer runtime;
        private final Peer shim;
        private double runtimeSeconds;
        private double shimSeconds;
        private double calls;

        CpuMeter(Peer runtime, Peer shim) {
            this.runtime = runtime;
            this.shim = shim;
        }

        void start() {
            runtimeSeconds -= runtime.cpuSeconds();
            shimSeconds -= shim.cpuSeconds();
        }

        void stop(int made) {
            runtimeSeconds += runtime.cpuSeconds();
            shimSeconds += shim.cpuSeconds();
            calls += made;
        }

        void report(List<Figure> figures) {
            double scale = CPU_CALLS / calls;
            figures.add(new Figure("processor time, runtime", runtimeSeconds * scale, "s per 10,000 calls", null));
            figures.add(new Figure("processor time, shim", shimSeconds * scale, "s per 10,000 calls", null));
            figures.add(new Figure("shim over runtime", shimSeconds / runtimeSeconds, "", 0.6));
        }
    }

    /** One row of the table while it is being measured. */
    private static final class Series {

        private final Work work;
        private final int callers;
        private final @Nullable Double target;
        private final Load load;
        private final double[] directMedian;
        private final double[] directP99;
        private final double[] throughMedian;
        private final double[] throughP99;

        Series(Work work, int callers, @Nullable Double target, int rounds) {
            this.work = work;
            this.callers = callers;
            this.target = target;
            this.load = new Load(work, callers);
            directMedian = new double[rounds];
            directP99 = new double[rounds];
            throughMedian = new double[rounds];
            throughP99 = new double[rounds];
        }

        boolean counted() {
            return callers == CPU_CALLERS && work.method().equals(Work.unary().method());
        }

        void direct(int round, Samples samples) {
            directMedian[round] = samples.micros(0.5);
            directP99[round] = samples.micros(0.99);
        }

        void through(int round, Samples samples) {
            throughMedian[round] = samples.micros(0.5);
            throughP99[round] = samples.micros(0.99);
        }

        Row row() {
            double[] ratio = new double[directMedian.length];
            double[] added = new double[directMedian.length];
            for (int i = 0; i < ratio.length; i++) {
                ratio[i] = throughMedian[i] / directMedian[i];
                added[i] = throughMedian[i] - directMedian[i];
            }
            return new Row(
                    work.name(),
                    callers,
                    new Latency(Samples.median(directMedian), Samples.median(directP99)),
                    new Latency(Samples.median(throughMedian), Samples.median(throughP99)),
                    Samples.median(added),
                    Samples.median(ratio),
                    new Range(Samples.quantile(ratio, 0.25), Samples.quantile(ratio, 0.75)),
                    target);
        }
    }
}
