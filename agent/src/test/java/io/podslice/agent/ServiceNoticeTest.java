package io.podslice.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import jnr.unixsocket.UnixDatagramChannel;
import jnr.unixsocket.UnixSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ServiceNoticeTest {
    @TempDir
    private Path folder;

    private Path pipe() throws IOException, InterruptedException {
        Path pipe = folder.resolve("ready");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        return pipe;
    }

    @Test
    void itsReaderReadsALineForEachSign() throws Exception {
        Path pipe = pipe();
        Process reader = new ProcessBuilder("cat", pipe.toString()).start();

        try (ServiceNotice notice =
                ServiceNotice.open(Map.of(ServiceNotice.PIPE, pipe.toString())).orElseThrow()) {
            notice.ready();
            notice.alive();
        }

        assertThat(new String(reader.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .isEqualTo("ready\nalive\n");
    }

    @Test
    void withoutAReaderNothingIsMade() {
        Path missing = folder.resolve("no/such");

        assertThat(ServiceNotice.open(Map.of())).isEmpty();
        assertThat(ServiceNotice.open(Map.of(ServiceNotice.PIPE, missing.toString())))
                .isEmpty();

        assertThat(Files.exists(missing)).isFalse();
    }

    @Test
    void theWatchdogsPeriodIsSystemds() {
        assertThat(ServiceNotice.watchdog(Map.of(ServiceNotice.WATCHDOG, "120000000")))
                .hasValue(Duration.ofMinutes(2));
        assertThat(ServiceNotice.watchdog(Map.of())).isEmpty();
        assertThat(ServiceNotice.watchdog(Map.of(ServiceNotice.WATCHDOG, "0"))).isEmpty();
        assertThat(ServiceNotice.watchdog(Map.of(ServiceNotice.WATCHDOG, "soon")))
                .isEmpty();
    }

    /** A datagram socket stands for systemd's. */
    @Test
    void systemdIsToldByTheLauncher() throws Exception {
        assumeTrue(
                Files.isExecutable(Path.of("/usr/bin/systemd-notify")),
                "systemd-notify is not on this machine (package systemd)");
        Path pipe = pipe();
        Path socket = folder.resolve("systemd");
        Path script =
                Path.of(System.getProperty("basedir", "")).toAbsolutePath().resolveSibling("systemd/podslice-notify");
        try (UnixDatagramChannel systemd = UnixDatagramChannel.open()) {
            systemd.bind(new UnixSocketAddress(socket.toFile()));
            ProcessBuilder launcher = new ProcessBuilder(script.toString(), pipe.toString()).inheritIO();
            launcher.environment().put("NOTIFY_SOCKET", socket.toString());
            Process telling = launcher.start();
            try (ServiceNotice notice = ServiceNotice.open(Map.of(ServiceNotice.PIPE, pipe.toString()))
                    .orElseThrow()) {
                notice.ready();
                assertThat(next(systemd)).contains("READY=1");
                assertThat(pipe).doesNotExist();
                notice.alive();
                assertThat(next(systemd)).contains("WATCHDOG=1");
                notice.alive();
                assertThat(next(systemd)).contains("WATCHDOG=1");
                assertThat(telling.isAlive()).isTrue();
            }
            assertThat(telling.waitFor()).as("it ends with podslice").isZero();
        }
    }

    /** Returns the next datagram that is no barrier of systemd-notify's. */
    private static String next(UnixDatagramChannel systemd) throws IOException {
        while (true) {
            ByteBuffer buffer = ByteBuffer.allocate(4096);
            systemd.receive(buffer);
            String text = StandardCharsets.UTF_8.decode(buffer.flip()).toString();
            if (!text.contains("BARRIER=1")) {
                return text;
            }
        }
    }
}
