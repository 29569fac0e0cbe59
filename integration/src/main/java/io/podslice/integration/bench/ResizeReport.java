package io.podslice.integration.bench;

import java.util.List;
import java.util.Locale;

/** Writes the cost of resizes as a table in Markdown, for the documentation. */
final class ResizeReport {
    private static final double MEDIAN = 0.5;
    private static final double P99 = 0.99;

    private ResizeReport() {}

    static String table(int pods, List<ResizeBench.Row> rows) {
        StringBuilder out = new StringBuilder();
        out.append("| resize, ")
                .append(pods)
                .append(" pods | state on | to the last write, us (p99)")
                .append(" | deciding | journal | cgroup files | writes | answered | target | |\n");
        out.append("| --- | --- | --: | --: | --: | --: | --: | --: | --: | --- |\n");
        for (ResizeBench.Row row : rows) {
            out.append(String.format(
                    Locale.ROOT,
                    "| %s | %s | %.0f (%.0f) | %s | %s | %s | %d | %s | %.0f | %s |%n",
                    row.work(),
                    row.folder(),
                    row.total().micros(MEDIAN),
                    row.total().micros(P99),
                    both(row.deciding()),
                    both(row.journal()),
                    both(row.writes()),
                    row.count(),
                    both(row.answer()),
                    ResizeBench.TARGET_MILLIS * 1_000,
                    missed(row) ? "MISS" : "pass"));
        }
        return out.toString();
    }

    static boolean missed(ResizeBench.Row row) {
        return row.total().micros(MEDIAN) >= ResizeBench.TARGET_MILLIS * 1_000;
    }

    static String sweeps(int pods, Samples cpu) {
        return String.format(
                Locale.ROOT,
                "%nA sweep that finds nothing to do, %d pods: %s us of CPU time, median (p99); target %.0f: %s%n",
                pods,
                both(cpu),
                SweepBench.TARGET_MILLIS * 1_000,
                missed(cpu) ? "MISS" : "pass");
    }

    static boolean missed(Samples sweeps) {
        return sweeps.micros(MEDIAN) >= SweepBench.TARGET_MILLIS * 1_000;
    }

    private static String both(Samples samples) {
        return String.format(Locale.ROOT, "%.0f (%.0f)", samples.micros(MEDIAN), samples.micros(P99));
    }
}
