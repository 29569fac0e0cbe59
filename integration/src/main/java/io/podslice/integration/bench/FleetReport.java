package io.podslice.integration.bench;

import java.util.List;
import java.util.Locale;

/** Writes the costs of reading a large cluster as a table in Markdown, for the documentation. */
final class FleetReport {
    private FleetReport() {}

    static String table(List<FleetBench.Row> rows) {
        StringBuilder out = new StringBuilder("| `podslice fleet` | readers | chosen by | seconds, each: median, most"
                + " | MiB resident, each: median, most | objects sent, all together |\n");
        out.append("| --- | --: | --- | --: | --: | --: |\n");
        for (FleetBench.Row row : rows) {
            out.append(String.format(
                    Locale.ROOT,
                    "| %s | %d | %s | %.1f, %.1f | %.0f, %.0f | %d |%n",
                    row.command(),
                    row.readers(),
                    row.knowsShards() ? "server" : "reader",
                    median(row.seconds()),
                    most(row.seconds()),
                    median(row.mebibytes()),
                    most(row.mebibytes()),
                    row.sent()));
        }
        return out.toString();
    }

    private static double median(List<Double> values) {
        return Samples.median(values.stream().mapToDouble(Double::doubleValue).toArray());
    }

    private static double most(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
    }
}
