package io.podslice.integration.bench;

import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** Writes the growth of the brain's costs with the number of pods as a table in Markdown, for the documentation. */
final class ScaleReport {
    static final double TARGET_ADMISSION_MILLIS = 2;
    static final double TARGET_SWEEP_MILLIS = 2;
    static final double TARGET_STATE_MEBIBYTES = 2;
    static final double TARGET_START_MILLIS = 1_000;

    private static final int LONGEST_BAR = 40;
    private static final double MEDIAN = 0.5;
    private static final double P99 = 0.99;
    private static final double MICROS_PER_MILLI = 1_000;

    private ScaleReport() {}

    static String table(List<ScaleBench.Row> rows) {
        StringBuilder out = new StringBuilder();
        out.append(
                        "| pods | admission, ms: shared pool (p99) | CPUs of its own (p99) | the kernel's files: reads, writes")
                .append(" | a sweep, ms of CPU (p99) | state, MiB | start, ms | |\n");
        out.append("| --: | --: | --: | --: | --: | --: | --: | --- |\n");
        for (ScaleBench.Row row : rows) {
            out.append(String.format(
                    Locale.ROOT,
                    "| %d | %s | %s | %d, %d | %s | %.2f | %.0f | %s |%n",
                    row.pods(),
                    both(row.shared()),
                    both(row.pinned()),
                    row.looks(),
                    row.writes(),
                    both(row.sweep()),
                    mebibytes(row),
                    startMillis(row),
                    missed(row) ? "MISS" : "pass"));
        }
        out.append(String.format(
                Locale.ROOT,
                "| target | %.0f | %.0f | | %.0f | %.0f | %.0f | |%n",
                TARGET_ADMISSION_MILLIS,
                TARGET_ADMISSION_MILLIS,
                TARGET_SWEEP_MILLIS,
                TARGET_STATE_MEBIBYTES,
                TARGET_START_MILLIS));
        return out.append('\n').append(plot(rows)).toString();
    }

    /** Draws the growth of the costs with the pods: a bar for each, the longest of each cost being as long as the others'. */
    private static String plot(List<ScaleBench.Row> rows) {
        StringBuilder out = new StringBuilder("```\n");
        bars(out, "admission in the shared pool, ms", rows, row -> median(row.shared()));
        bars(out, "admission with CPUs of its own, ms", rows, row -> median(row.pinned()));
        bars(out, "a sweep, ms of CPU", rows, row -> median(row.sweep()));
        bars(out, "state, MiB", rows, ScaleReport::mebibytes);
        bars(out, "start, ms", rows, ScaleReport::startMillis);
        return out.append("```\n").toString();
    }

    private static void bars(
            StringBuilder out, String cost, List<ScaleBench.Row> rows, ToDoubleFunction<ScaleBench.Row> value) {
        double most = rows.stream().mapToDouble(value).max().orElse(1);
        out.append(cost).append('\n');
        for (ScaleBench.Row row : rows) {
            double amount = value.applyAsDouble(row);
            String bar = "#".repeat((int) Math.max(1, Math.round(LONGEST_BAR * amount / most)));
            out.append(String.format(Locale.ROOT, "%6d pods  %-40s %.2f%n", row.pods(), bar, amount));
        }
    }

    static boolean missed(ScaleBench.Row row) {
        return median(row.shared()) >= TARGET_ADMISSION_MILLIS
                || median(row.pinned()) >= TARGET_ADMISSION_MILLIS
                || median(row.sweep()) >= TARGET_SWEEP_MILLIS
                || mebibytes(row) >= TARGET_STATE_MEBIBYTES
                || startMillis(row) >= TARGET_START_MILLIS;
    }

    private static String both(Samples samples) {
        return String.format(Locale.ROOT, "%.2f (%.2f)", median(samples), samples.micros(P99) / MICROS_PER_MILLI);
    }

    private static double median(Samples samples) {
        return samples.micros(MEDIAN) / MICROS_PER_MILLI;
    }

    private static double mebibytes(ScaleBench.Row row) {
        return row.stateBytes() / (double) (1 << 20);
    }

    private static double startMillis(ScaleBench.Row row) {
        return row.startNanos() / 1e6;
    }
}
