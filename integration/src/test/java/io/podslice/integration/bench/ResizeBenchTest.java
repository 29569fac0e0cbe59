package io.podslice.integration.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the benchmark's harness; its numbers are not checked. */
class ResizeBenchTest {
    @TempDir
    private Path folder;

    @Test
    void everyKindOfResizeIsMeasuredInItsParts() throws Exception {
        Path state = Files.createDirectory(folder.resolve("state"));
        List<ResizeBench.Row> rows = ResizeBench.run(14, Map.of("disk", state), 4, 2);
        assertThat(rows).hasSize(2).allSatisfy(row -> {
            assertThat(row.total().size()).isEqualTo(4);
            assertThat(row.count()).isPositive();
            assertThat(row.journal().micros(0.5)).isPositive();
            assertThat(row.answer().micros(0))
                    .isGreaterThanOrEqualTo(row.total().micros(0));
        });
        assertThat(ResizeReport.table(14, rows).lines())
                .hasSize(4)
                .allSatisfy(line -> assertThat(line).startsWith("| ").endsWith(" |"));
    }
}
