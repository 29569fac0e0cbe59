package io.podslice.integration.bench;

import java.util.List;
import java.util.Locale;

/** Writes the calls of pods' lives on a real runtime as a table in Markdown, for the documentation. */
final class RuntimeReport {
    private static final double MEDIAN = 0.5;
    private static final double P99 = 0.99;
    private static final double MICROS_PER_MILLI = 1_000;

    private RuntimeReport() {}

    static String table(List<RuntimeBench.Row> rows) {
        StringBuilder out = new StringBuilder();
        out.append("| call | direct, ms (p99) | through, ms (p99) | added, ms | ratio |\n");
        out.append("| --- | --: | --: | --: | --: |\n");
        double direct = 0;
        double through = 0;
        for (RuntimeBench.Row row : rows) {
            double ofDirect = millis(row.direct(), MEDIAN);
            double ofThrough = millis(row.through(), MEDIAN);
            direct += ofDirect;
            through += ofThrough;
            out.append(String.format(
                    Locale.ROOT,
                    "| %s | %.2f (%.1f) | %.2f (%.1f) | %.2f | %.2f |%n",
                    row.call().method(),
                    ofDirect,
                    millis(row.direct(), P99),
                    ofThrough,
                    millis(row.through(), P99),
                    ofThrough - ofDirect,
                    ofThrough / ofDirect));
        }
        out.append(String.format(
                Locale.ROOT,
                "| all of them | %.1f | %.1f | %.2f | %.2f |%n",
                direct,
                through,
                through - direct,
                through / direct));
        return out.toString();
    }

    private static double millis(Samples samples, double share) {
        return samples.micros(share) / MICROS_PER_MILLI;
    }
}
