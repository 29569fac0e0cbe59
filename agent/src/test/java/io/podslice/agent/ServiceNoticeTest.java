package io.podslice.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ServiceNoticeTest {
    private static final Map<String, String> STARTED_BY_SYSTEMD = Map.of(ServiceNotice.SOCKET, "/run/systemd/notify");

    @TempDir
    private Path folder;

    private ServiceNotice notice(int status) throws IOException {
        Path tool = folder.resolve("tool");
        return new ServiceNotice(List.of("/bin/sh", "-c", "echo \"$0\" >>" + tool + "; exit " + status, "--ready"));
    }

    @Test
    void whoWasStartedBySystemdTellsItThatItIsReady() throws IOException {
        notice(0).ready(STARTED_BY_SYSTEMD);
        assertThat(folder.resolve("tool")).hasContent("--ready");
    }

    @Test
    void whoWasNotTellsNobody() throws IOException {
        notice(0).ready(Map.of());
        assertThat(Files.exists(folder.resolve("tool"))).isFalse();
    }

    @Test
    void aToolThatFailsOrIsMissingEndsNothing() throws IOException {
        notice(1).ready(STARTED_BY_SYSTEMD);
        assertThat(folder.resolve("tool")).hasContent("--ready");
        assertThatCode(() -> new ServiceNotice(List.of(folder.resolve("missing").toString())).ready(STARTED_BY_SYSTEMD))
                .doesNotThrowAnyException();
    }
}
