package io.podslice.integration.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.integration.bench.ProxyResult.Circumstances;
import io.podslice.integration.bench.ProxyResult.Figure;
import io.podslice.integration.bench.ProxyResult.Latency;
import io.podslice.integration.bench.ProxyResult.Range;
import io.podslice.integration.bench.ProxyResult.Row;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ProxyReportTest {

    private static Row row(double ratio, @Nullable Double target) {
        return new Row(
                "unary 2 KB", 8, new Latency(200, 900), new Latency(300, 950), 100, ratio, new Range(1.4, 1.6), target);
    }

    private static ProxyResult result(Row row, Figure figure) {
        return new ProxyResult(List.of(row), List.of(figure), new Circumstances(12, 2, 0.25, 0, 3));
    }

    @Test
    void aRatioAboveItsTargetIsAMiss() {
        ProxyResult result = result(row(1.51, 1.5), new Figure("resident", 79.9, "MiB", 80.0));
        assertThat(result.missed()).isTrue();
        assertThat(ProxyReport.table(result).lines().filter(line -> line.contains("unary")))
                .singleElement()
                .asString()
                .endsWith("| 1.51 (1.40 to 1.60) |  1.5 | MISS |");
    }

    @Test
    void aFigureAboveItsTargetIsAMiss() {
        ProxyResult result = result(row(1.5, 1.5), new Figure("resident", 80.1, "MiB", 80.0));
        assertThat(result.missed()).isTrue();
        assertThat(ProxyReport.table(result))
                .contains("80.10 MiB |    80 | MISS |")
                .contains("|  1.5 | PASS |");
    }

    @Test
    void whatHasNoTargetCannotMissIt() {
        ProxyResult result = result(row(9, null), new Figure("threads", 999, "", null));
        assertThat(result.missed()).isFalse();
        assertThat(ProxyReport.table(result)).doesNotContain("MISS").doesNotContain("PASS");
    }

    @Test
    void jsonCarriesTheNumbersUnrounded() {
        JsonNode json = JsonMapper.shared()
                .readTree(ProxyReport.json(result(row(1.512345, 1.5), new Figure("resident", 80.1, "MiB", 80.0))));
        assertThat(json.at("/rows/0/ratio").doubleValue()).isEqualTo(1.512345);
        assertThat(json.at("/rows/0/missed").booleanValue()).isTrue();
        assertThat(json.at("/rows/0/through/p99Micros").doubleValue()).isEqualTo(950);
        assertThat(json.at("/figures/0/missed").booleanValue()).isTrue();
        assertThat(json.at("/missed").booleanValue()).isTrue();
        assertThat(json.at("/circumstances/rounds").intValue()).isEqualTo(12);
    }
}
