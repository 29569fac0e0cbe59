package io.podslice.integration.bench;

import java.util.List;
import java.util.Locale;

/** Writes the cost of events through the NRI door as a table in Markdown, for the documentation. */
final class NriReport {
    private static final double MEDIAN = 0.5;
    private static final double P99 = 0.99;

    private NriReport() {}

    static String table(List<NriBench.Row> rows) {
        StringBuilder out = new StringBuilder();
        out.append("| pods | a pod that comes and goes | state on | CreateContainer, ms: median | p99")
                .append(
                        " | RunPodSandbox, ms: median | p99 | without the disk: median | p99 | events a second | targets, p99 | |\n");
        out.append("| --: | --- | --- | --: | --: | --: | --: | --: | --: | --: | --- | --- |\n");
        for (NriBench.Row row : rows) {
            out.append(String.format(
                    Locale.ROOT,
                    "| %d | %s | %s | %.2f | %.2f | %.2f | %.2f | %.2f | %.2f | %.0f | %.0f and %.0f | %s |%n",
                    row.pods(),
                    row.kind().text(),
                    row.folder(),
                    row.create().micros(MEDIAN) / 1_000,
                    row.create().micros(P99) / 1_000,
                    row.run().micros(MEDIAN) / 1_000,
                    row.run().micros(P99) / 1_000,
                    row.runOfOurs().micros(MEDIAN) / 1_000,
                    row.runOfOurs().micros(P99) / 1_000,
                    row.eventsPerSecond(),
                    NriBench.TARGET_MILLIS,
                    NriBench.RUN_TARGET_MILLIS,
                    missed(row) ? "MISS" : "pass"));
        }
        return out.toString();
    }

    static boolean missed(NriBench.Row row) {
        return row.create().micros(P99) >= NriBench.TARGET_MILLIS * 1_000
                || row.runOfOurs().micros(P99) >= NriBench.RUN_TARGET_MILLIS * 1_000;
    }
}
