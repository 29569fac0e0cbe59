package io.podslice.managers.bench;

import java.io.PrintStream;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.StringJoiner;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** {@code bin/bench managers}: what decisions cost, as a table, against the targets. */
public final class ManagersBench {
    private static final Set<String> KNOWN = Set.of("--quick", "--check");

    private ManagersBench() {}

    /**
     * What a benchmark may cost.
     *
     * @param micros at the median
     * @param bytes allocated on average
     */
    private record Target(Class<?> benchmark, double micros, double bytes) {}

    private static final List<Target> TARGETS = List.of(
            new Target(TakeBenchmark.class, 100, 20_000),
            new Target(MergeBenchmark.class, 1000, Double.POSITIVE_INFINITY),
            new Target(AdmissionBenchmark.class, 1000, Double.POSITIVE_INFINITY));

    /** Exit status 0: measured; 1: a target was missed and {@code --check} given; 2: asked for something unknown. */
    public static void main(String[] args) throws RunnerException {
        List<String> asked = List.of(args);
        for (String arg : asked) {
            if (!KNOWN.contains(arg)) {
                System.err.println("usage: bin/bench managers [--quick] [--check]");
                System.exit(2);
            }
        }
        boolean met = true;
        for (Target target : TARGETS) {
            met &= run(target, asked.contains("--quick"), System.out);
        }
        System.exit(met || !asked.contains("--check") ? 0 : 1);
    }

    private static boolean run(Target target, boolean quick, PrintStream out) throws RunnerException {
        ChainedOptionsBuilder options = new OptionsBuilder()
                .include(target.benchmark().getName() + "\\.")
                .addProfiler(GCProfiler.class)
                .verbosity(VerboseMode.SILENT);
        if (quick) {
            options.warmupTime(TimeValue.milliseconds(300))
                    .warmupIterations(2)
                    .measurementTime(TimeValue.milliseconds(300))
                    .measurementIterations(1);
        }
        Collection<RunResult> results = new Runner(options.build()).run();
        boolean met = true;
        String head = "";
        for (RunResult result : results) {
            Collection<String> keys = result.getParams().getParamsKeys();
            if (head.isEmpty()) {
                head = row(keys, "median us", "bytes")
                        + System.lineSeparator()
                        + row(keys.stream().map(key -> "---").toList(), "---", "---");
                out.println(head);
            }
            Result<?> time = result.getPrimaryResult();
            double micros = time.getStatistics().getPercentile(50);
            double bytes = allocated(result);
            boolean good = micros < target.micros() && bytes < target.bytes();
            met &= good;
            List<String> values =
                    keys.stream().map(key -> result.getParams().getParam(key)).toList();
            out.println(row(values, "%.1f%s".formatted(micros, good ? "" : " missed"), "%.0f".formatted(bytes)));
        }
        out.println();
        return met;
    }

    private static double allocated(RunResult result) {
        Result<?> bytes = result.getSecondaryResults().get("gc.alloc.rate.norm");
        return bytes == null ? Double.NaN : bytes.getScore();
    }

    private static String row(Collection<String> cells, String median, String bytes) {
        StringJoiner row = new StringJoiner(" | ", "| ", " |");
        cells.forEach(row::add);
        return row.add(median).add(bytes).toString();
    }
}
