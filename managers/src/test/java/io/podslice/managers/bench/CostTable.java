package io.podslice.managers.bench;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * One benchmark with all its parameters, printed as a table in Markdown.
 *
 * @param keys parameters that get columns
 * @param parameters values in place of the benchmark's own
 * @param micros the most microseconds of a call at the median
 * @param bytes what a call may allocate on average
 */
record CostTable(
        String title,
        Class<?> benchmark,
        List<String> keys,
        Map<String, List<String>> parameters,
        double micros,
        double bytes) {

    /**
     * One measured row.
     *
     * @param micros median
     * @param bytes allocated on average
     */
    record Cost(Map<String, String> parameters, double micros, double bytes) {}

    /** All rows, and true if all meet the target. */
    record Costs(List<Cost> rows, boolean met) {}

    CostTable with(Map<String, List<String>> others) {
        Map<String, List<String>> both = new HashMap<>(parameters);
        others.forEach((key, values) -> {
            if (keys.contains(key)) {
                both.put(key, values);
            }
        });
        return new CostTable(title, benchmark, keys, both, micros, bytes);
    }

    Costs run(boolean quick, PrintStream out) throws RunnerException {
        ChainedOptionsBuilder options = new OptionsBuilder()
                .include(benchmark.getName() + "\\.")
                .addProfiler(GCProfiler.class)
                .verbosity(VerboseMode.SILENT);
        parameters.forEach((key, values) -> options.param(key, values.toArray(String[]::new)));
        if (quick) {
            options.warmupTime(TimeValue.milliseconds(200))
                    .warmupIterations(2)
                    .measurementTime(TimeValue.milliseconds(200))
                    .measurementIterations(1);
        }
        List<Cost> rows = new ArrayList<>();
        for (RunResult result : new Runner(options.build()).run()) {
            rows.add(cost(result));
        }
        print(rows, out);
        return new Costs(rows, rows.stream().allMatch(this::isMet));
    }

    private Cost cost(RunResult result) {
        Map<String, String> values = new HashMap<>();
        for (String key : keys) {
            values.put(key, result.getParams().getParam(key));
        }
        Result<?> allocated = result.getSecondaryResults().get("gc.alloc.rate.norm");
        return new Cost(
                values,
                result.getPrimaryResult().getStatistics().getPercentile(50),
                allocated == null ? Double.NaN : allocated.getScore());
    }

    private boolean isMet(Cost cost) {
        return cost.micros() < micros && (Double.isInfinite(bytes) || cost.bytes() < bytes);
    }

    private void print(List<Cost> rows, PrintStream out) {
        boolean limited = !Double.isInfinite(bytes);
        out.printf(
                Locale.ROOT,
                "%s; target: median under %.0f us%s%n%n",
                title,
                micros,
                limited ? String.format(Locale.ROOT, ", under %.0f bytes", bytes) : "");
        out.println("| " + String.join(" | ", keys) + " | median us | bytes | |");
        out.println("|" + " --- |".repeat(keys.size()) + " --: | --: | --- |");
        for (Cost row : rows) {
            StringBuilder line = new StringBuilder("| ");
            for (String key : keys) {
                line.append(row.parameters().get(key)).append(" | ");
            }
            out.printf(
                    Locale.ROOT,
                    "%s%.1f | %.0f | %s |%n",
                    line,
                    row.micros(),
                    row.bytes(),
                    isMet(row) ? "pass" : "**missed**");
        }
        out.println();
    }
}
