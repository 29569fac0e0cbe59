package io.podslice.integration.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.integration.bench.ProxyResult.Figure;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Runs the benchmark's harness; its numbers are not checked. It starts a JVM for each source, and makes many keys. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class SourcesBenchTest {
    @TempDir
    private Path folder;

    @Test
    void everyWayToASpecIsMeasured() throws Exception {
        Path state = Files.createDirectory(folder.resolve("state"));
        List<SourcesBench.Row> rows = SourcesBench.run(14, Map.of("disk", state), 3, 1);
        assertThat(rows)
                .hasSize(8)
                .allSatisfy(row -> assertThat(row.decisions().size()).isEqualTo(3));
        assertThat(SourcesReport.table(14, rows).lines())
                .hasSize(10)
                .allSatisfy(line -> assertThat(line).startsWith("| ").endsWith(" |"));
    }

    @Test
    void whatEachSourceKeepsResidentIsMeasured() throws Exception {
        SourcesMemory.Size tiny = new SourcesMemory.Size(30, 2, Duration.ofMillis(10));
        List<Figure> figures = new SourcesMemory(
                        new Programs(folder, Path.of("none")),
                        List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx64m"),
                        tiny,
                        _ -> {})
                .run();
        assertThat(figures)
                .filteredOn(figure -> figure.target() != null)
                .extracting(Figure::name)
                .containsExactly("more with Pods API", "more with API server");
        assertThat(figures)
                .filteredOn(figure -> figure.name().startsWith("resident"))
                .hasSize(3)
                .allSatisfy(figure -> assertThat(figure.value()).isPositive());
    }
}
