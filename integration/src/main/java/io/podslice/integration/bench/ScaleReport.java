package io.podslice.integration.bench;

import java.util.List;
import java.util.Locale;

/** Writes the growth of the brain's costs with the number of pods as a table in Markdown, for the documentation. */
final class ScaleReport {
    static final double TARGET_ADMISSION_MILLIS = 2;
    static final double TARGET_SWEEP_MILLIS = 2;
    static final double TARGET_STATE_MEBIBYTES = 2;
    static final double TARGET_START_MILLIS = 1_000;

    private static final double MEDIAN = 0.5;
    private static final double P99 = 0.99;
    private static final double MICROS_PER_MILLI = 1_000;

    private ScaleReport() {}

    static String table(List<ScaleBench.Row> rows) {
        StringBuilder out = new StringBuilder();
        out.append("| pods | admission, ms: shared pool (p99) | CPUs of its own (p99) | a sweep, ms of CPU (p99)")
                .append(" | state, MiB | start, ms | |\n");
        out.append("| --: | --: | --: | --: | --: | --: | --- |\n");
        for (ScaleBench.Row row : rows) {
            out.append(String.format(
                    Locale.ROOT,
                    "| %d | %s | %s | %s | %.2f | %.0f | %s |%n",
                    row.pods(),
                    both(row.shared()),
                    both(row.pinned()),
                    both(row.sweep()),
                    mebibytes(row),
                    startMillis(row),
                    missed(row) ? "MISS" : "pass"));
        }
        out.append(String.format(
                Locale.ROOT,
                "| target | %.0f | %.0f | %.0f | %.0f | %.0f | |%n",
                TARGET_ADMISSION_MILLIS,
                TARGET_ADMISSION_MILLIS,
                TARGET_SWEEP_MILLIS,
                TARGET_STATE_MEBIBYTES,
                TARGET_START_MILLIS));
        return out.toString();
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
