package io.podslice.integration.bench;

import java.util.List;
import java.util.Locale;

/** Writes the cost of admissions by source as a table in Markdown, for the documentation. */
final class SourcesReport {
    private static final double MEDIAN = 0.5;
    private static final double P99 = 0.99;

    private SourcesReport() {}

    static String table(int pods, List<SourcesBench.Row> rows) {
        StringBuilder out = new StringBuilder();
        out.append("| spec from, ")
                .append(pods)
                .append(" pods | pod | state on | decision, us (p99) | lookups | bare calls | of ours | target | |\n")
                .append("| --- | --- | --- | --: | --: | --: | --: | --: | --- |\n");
        for (SourcesBench.Row row : rows) {
            out.append(String.format(
                    Locale.ROOT,
                    "| %s | %s | %s | %.0f (%.0f) | %.0f | %.0f | %.0f | %.0f | %s |%n",
                    row.way().text(),
                    row.hasCpus() ? "CPUs of its own" : "node shared pool",
                    row.folder(),
                    row.decisions().micros(MEDIAN),
                    row.decisions().micros(P99),
                    row.lookups().micros(MEDIAN),
                    row.bare().micros(MEDIAN),
                    row.own().micros(MEDIAN),
                    SourcesBench.TARGET_MILLIS * 1_000,
                    missed(row) ? "MISS" : "pass"));
        }
        return out.toString();
    }

    static boolean missed(SourcesBench.Row row) {
        return row.own().micros(MEDIAN) >= SourcesBench.TARGET_MILLIS * 1_000;
    }
}
