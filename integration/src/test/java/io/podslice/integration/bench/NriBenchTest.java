package io.podslice.integration.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Runs the benchmark's harness; its numbers are not checked. */
class NriBenchTest {
    private final Path folder;

    NriBenchTest() throws Exception {
        // A short path, since a socket is made in the folder.
        folder = Files.createTempDirectory("bench");
    }

    @AfterEach
    void delete() throws Exception {
        BenchMain.delete(folder);
    }

    @Test
    void everyEventOfEveryPodIsMeasured() throws Exception {
        List<NriBench.Row> rows = NriBench.run(List.of(1, 14), Map.of("disk", folder), 3, 2);

        assertThat(rows).hasSize(4).allSatisfy(row -> {
            assertThat(row.run().size()).isEqualTo(3);
            assertThat(row.create().size()).isEqualTo(6);
            assertThat(row.events().size()).isEqualTo(27);
            assertThat(row.create().micros(0)).isPositive();
            assertThat(row.eventsPerSecond()).isPositive();
        });
        assertThat(NriReport.table(rows).lines())
                .hasSize(6)
                .allSatisfy(line -> assertThat(line).startsWith("| ").endsWith(" |"));
    }
}
