package io.podslice.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ReadyNoticeTest {
    @TempDir
    private Path folder;

    @Test
    void whoWaitsForItReadsALine() throws Exception {
        Path pipe = folder.resolve("ready");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        Process reader = new ProcessBuilder("cat", pipe.toString()).start();

        ReadyNotice.give(Map.of(ReadyNotice.PIPE, pipe.toString()));

        assertThat(new String(reader.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8))
                .isEqualTo("ready\n");
    }

    @Test
    void whereNobodyWaitsNothingIsMade() throws IOException {
        Path missing = folder.resolve("missing");

        ReadyNotice.give(Map.of());
        ReadyNotice.give(Map.of(ReadyNotice.PIPE, missing.toString()));

        assertThat(Files.exists(missing)).isFalse();
    }
}
