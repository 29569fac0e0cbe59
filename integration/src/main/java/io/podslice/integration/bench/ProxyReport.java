package io.podslice.integration.bench;

import io.podslice.integration.bench.ProxyResult.Circumstances;
import io.podslice.integration.bench.ProxyResult.Figure;
import io.podslice.integration.bench.ProxyResult.Row;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Writes a result as a table in Markdown, for the documentation, and as JSON, for programs. */
final class ProxyReport {

    private ProxyReport() {}

    static String json(ProxyResult result) {
        return JsonMapper.builder()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .build()
                .writeValueAsString(result);
    }

    static String table(ProxyResult result) {
        StringBuilder out = new StringBuilder();
        out.append(
                "| call | callers | direct us (p99) | through us (p99) | added us | ratio (half within) | target | |\n");
        out.append("| --- | --: | --: | --: | --: | --: | --: | --- |\n");
        for (Row row : result.rows()) {
            out.append(String.format(
                    Locale.ROOT,
                    "| %-11s | %2d | %7.0f (%7.0f) | %7.0f (%7.0f) | %6.0f | %.2f (%.2f to %.2f) | %4s | %s |%n",
                    row.work(),
                    row.callers(),
                    row.direct().medianMicros(),
                    row.direct().p99Micros(),
                    row.through().medianMicros(),
                    row.through().p99Micros(),
                    row.addedMicros(),
                    row.ratio(),
                    row.spread().low(),
                    row.spread().high(),
                    number(row.target()),
                    mark(row.target(), row.missed())));
        }
        out.append("\n").append(figures(result.figures()));
        Circumstances around = result.circumstances();
        out.append(String.format(
                Locale.ROOT,
                "%n%d pairs of rounds, %d processors; meanwhile other programs took %.0f %% of the machine and the"
                        + " hypervisor %.0f %%; the client collected garbage for %d ms.%n",
                around.rounds(),
                around.processors(),
                around.othersShare() * 100,
                around.stolenShare() * 100,
                around.collectionMillis()));
        return out.toString();
    }

    /** Writes results that are one number each. */
    static String figures(List<Figure> figures) {
        StringBuilder out = new StringBuilder("| | | target | |\n| --- | --: | --: | --- |\n");
        for (Figure figure : figures) {
            out.append(String.format(
                    Locale.ROOT,
                    "| %-28s | %8.2f %s | %5s | %s |%n",
                    figure.name(),
                    figure.value(),
                    figure.unit(),
                    number(figure.target()),
                    mark(figure.target(), figure.missed())));
        }
        return out.toString();
    }

    private static String number(@Nullable Double target) {
        return target == null ? "" : String.format(Locale.ROOT, target >= 10 ? "%.0f" : "%.1f", target);
    }

    private static String mark(@Nullable Double target, boolean missed) {
        return target == null ? "" : missed ? "MISS" : "PASS";
    }
}
