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
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
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
            BlockingQueue<String> told = new LinkedBlockingQueue<>();
            Thread.ofPlatform().daemon().name("systemd").start(() -> receive(systemd, told));
            ProcessBuilder launcher = new ProcessBuilder(script.toString(), pipe.toString()).inheritIO();
            launcher.environment().put("NOTIFY_SOCKET", socket.toString());
            Process telling = launcher.start();
            try (ServiceNotice notice = ServiceNotice.open(Map.of(ServiceNotice.PIPE, pipe.toString()))
                    .orElseThrow()) {
                notice.ready();
                assertThat(told.poll(20, TimeUnit.SECONDS)).contains("READY=1");
                assertThat(pipe).doesNotExist();
                notice.alive();
                assertThat(told.poll(20, TimeUnit.SECONDS)).contains("WATCHDOG=1");
                notice.status("configuration: a \"b\" $c\nd");
                assertThat(told.poll(20, TimeUnit.SECONDS)).contains("STATUS=configuration: a \"b\" $c\\nd");
                notice.alive();
                assertThat(told.poll(20, TimeUnit.SECONDS)).contains("WATCHDOG=1");
                assertThat(telling.isAlive()).isTrue();
            }
            assertThat(telling.waitFor()).as("it ends with podslice").isZero();
        }
    }

    /** Receives datagrams; those by which systemd-notify waits until it was heard are of no interest. */
    private static void receive(UnixDatagramChannel systemd, BlockingQueue<String> told) {
        ByteBuffer buffer = ByteBuffer.allocate(4096);
        try {
            while (true) {
                systemd.receive(buffer.clear());
                String text = StandardCharsets.UTF_8.decode(buffer.flip()).toString();
                if (!text.contains("BARRIER=1")) {
                    told.add(text);
                }
            }
        } catch (IOException e) {
            told.add("closed: " + e.getMessage());
        }
    }
}
