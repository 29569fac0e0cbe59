package io.podslice.integration.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.integration.bench.ProxyResult.Figure;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the benchmark's harness, with bytes copied in place of the shim; its sizes are not checked. */
class MemoryBenchTest {
    private static final MemoryBench.Size TINY =
            new MemoryBench.Size(8, 2, Duration.ofMillis(20), 100_000, 10, 20, Duration.ofMillis(1));

    @TempDir
    private Path folder;

    @Test
    void everyFigureIsMeasuredAndNoConnectionIsRefused() {
        Programs programs = new Programs(folder, Path.of("none"));
        List<String> progress = new ArrayList<>();
        List<Figure> figures = new MemoryBench(programs, programs::copy, TINY, progress::add).run();

        assertThat(figures)
                .filteredOn(figure -> figure.target() != null)
                .extracting(Figure::name)
                .containsExactly("resident after the load", "resident with 10 connections", "connections refused");
        assertThat(figures.getLast().value()).isZero();
        assertThat(figures)
                .filteredOn(figure -> figure.unit().equals("MiB"))
                .hasSize(6)
                .allSatisfy(figure -> assertThat(figure.value()).isPositive());
        assertThat(progress).contains("pods", "lists", "large messages", "20 connections");
    }
}
