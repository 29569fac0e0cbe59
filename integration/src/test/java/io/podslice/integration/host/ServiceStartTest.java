package io.podslice.integration.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An installed podslice, started as systemd starts it, tells when clients can connect. */
@Tag("host")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
final class ServiceStartTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    @TempDir
    private Path folder;

    private Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    private static List<String> openFiles(Process process) throws IOException {
        List<String> files = new ArrayList<>();
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/" + process.pid() + "/fd"))) {
            for (Path descriptor : descriptors.toList()) {
                files.add(Files.readSymbolicLink(descriptor).getFileName().toString());
            }
        }
        return files;
    }

    @Test
    void systemdIsToldThatItIsReadyOnceItListens() throws Exception {
        Path socket = folder.resolve("cri.sock");
        Path told = folder.resolve("told");
        Path tool = write("systemd-notify", "#!/bin/sh\n[ -S '" + socket + "' ] && echo \"$*\" >>'" + told + "'\n");
        Files.setPosixFilePermissions(tool, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path config = write("podslice.yaml", """
                apiVersion: podslice.io/v1alpha1
                kind: PodsliceConfiguration
                shim: {listen: "unix://%1$s", runtime: "unix://%2$s/runtime.sock"}
                cgroups: {root: "%2$s"}
                state: {dir: "%2$s/state"}
                """.formatted(socket, folder));
        ProcessBuilder builder = new ProcessBuilder(
                        Image.folder().resolve("bin/podslice").toString(), "serve", "--config", config.toString())
                .inheritIO();
        builder.environment().clear();
        builder.environment().put("PATH", folder + ":/usr/bin:/bin");
        builder.environment().put("NOTIFY_SOCKET", folder.resolve("notify").toString());
        builder.environment().put("WATCHDOG_USEC", "20000000");
        builder.environment().put("RUNTIME_DIRECTORY", folder.toString());

        Process podslice = builder.start();
        try {
            await().atMost(TIMEOUT)
                    .untilAsserted(() -> assertThat(told).exists().content().startsWith("--ready\n"));
            assertThat(folder.resolve("podslice-ready")).doesNotExist();
            await().atMost(TIMEOUT)
                    .untilAsserted(() -> assertThat(told).content().contains("WATCHDOG=1\n"));
            assertThat(openFiles(podslice))
                    .as("jars of the node API and of NRI, which no client uses: a look at all jars costs 3 MiB")
                    .contains("modules") // the JDK's own
                    // podslice's own module grpc has its version behind its name; gRPC's jars are called grpc-api and
                    // so on.
                    .noneMatch(file -> file.matches("(grpc-[a-z]|netty|jnr|prometheus).*"));
        } finally {
            podslice.destroy();
        }
        assertThat(podslice.waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(podslice.exitValue()).isZero();
    }
}
