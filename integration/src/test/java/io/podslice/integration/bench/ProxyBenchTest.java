package io.podslice.integration.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.podslice.integration.bench.ProxyResult.Figure;
import io.podslice.integration.bench.ProxyResult.Row;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the benchmark's harness, with bytes copied in place of the shim; its numbers are not checked. */
class ProxyBenchTest {

    private static final ProxyBench.Size TINY = new ProxyBench.Size(2, Duration.ofMillis(20), Duration.ofMillis(20), 1);

    @TempDir
    private Path folder;

    @Test
    void everyRowAndFigureIsMeasured() {
        Programs programs = new Programs(folder, Path.of("none"));
        List<String> progress = new ArrayList<>();
        ProxyResult result = new ProxyBench(programs, programs::copy, TINY, Beside.NOTHING, 64, progress::add).run();

        assertThat(result.rows()).hasSize(8).allSatisfy(row -> {
            assertThat(row.direct().medianMicros()).isPositive();
            assertThat(row.through().medianMicros()).isPositive();
            assertThat(row.through().p99Micros())
                    .isGreaterThanOrEqualTo(row.through().medianMicros());
            assertThat(row.ratio()).isPositive();
        });
        assertThat(result.rows().stream().map(Row::target)).containsExactly(1.6, 1.5, 1.3, 1.8, 2.0, 1.7, null, null);
        assertThat(result.figures())
                .filteredOn(figure -> figure.target() != null)
                .extracting(Figure::name)
                .containsExactly(
                        "shim over runtime",
                        "resident after the run",
                        "start to listening socket",
                        "first 100 calls over direct");
        assertThat(progress).contains("warming up", "round 2 of 2", "start 1 of 1");
    }

    @Test
    void aProgramThatDoesNotServeIsReportedWithItsOutput() {
        assertThatThrownBy(() -> Peer.start(
                        List.of("sh", "-c", "echo no such option; exit 1"),
                        folder.resolve("a.sock"),
                        folder.resolve("a.log")))
                .isInstanceOf(BenchException.class)
                .hasMessageContaining("no such option");
    }
}
