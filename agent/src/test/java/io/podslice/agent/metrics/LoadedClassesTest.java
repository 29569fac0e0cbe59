package io.podslice.agent.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The classes that a {@code podslice serve} loads only where its configuration needs them. */
class LoadedClassesTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(40);

    @TempDir
    private Path folder;

    /** Returns the lines of all classes that are loaded once clients can connect. */
    private List<String> loaded(String extra) throws IOException, InterruptedException {
        Path socket = folder.resolve("cri.sock");
        Path config = Files.writeString(folder.resolve("podslice.yaml"), """
                apiVersion: podslice.io/v1alpha1
                kind: PodsliceConfiguration
                shim: {listen: "unix://%1$s", runtime: "unix://%2$s/runtime.sock"}
                cgroups: {root: "%2$s"}
                state: {dir: "%2$s/state"}
                %3$s
                """.formatted(socket, folder, extra));
        Path log = folder.resolve("classes");
        Path output = folder.resolve("output");
        Process podslice = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-Xlog:class+load=info:file=" + log,
                        "-cp",
                        System.getProperty("java.class.path"),
                        "io.podslice.agent.cli.Main",
                        "serve",
                        "--config",
                        config.toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            await().atMost(TIMEOUT)
                    .untilAsserted(() -> assertThat(output).content().contains("pods that ask something"));
        } finally {
            podslice.destroy();
            assertThat(podslice.waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        }
        try (var lines = Files.lines(log)) {
            return lines.toList();
        }
    }

    /** Returns the classes of Prometheus' library and of podslice's metrics. */
    private List<String> metrics(String extra) throws IOException, InterruptedException {
        return loaded(extra).stream()
                .filter(line -> line.contains("io.prometheus.") || line.contains(".agent.metrics."))
                .toList();
    }

    @Test
    void noneWithoutTheListener() throws Exception {
        assertThat(metrics("")).isEmpty();
    }

    @Test
    void nothingOfThePageUnlessItIsConfigured() throws Exception {
        assertThat(loaded("").stream().filter(line -> line.contains(".agent.page.") || line.contains(".agent.http.")))
                .isEmpty();
        String socket = folder.resolve("page.sock").toString();
        assertThat(loaded("api: {page: \"unix://" + socket + "\"}"))
                .anySatisfy(line -> assertThat(line).contains("io.podslice.agent.page.PageDoor "))
                .noneSatisfy(line -> assertThat(line).contains("io.podslice.agent.page.PodsSection "))
                .noneSatisfy(line -> assertThat(line).contains("io.podslice.agent.plan.DryNode "));
    }

    @Test
    void nothingOfTheRecordingUnlessItIsConfigured() throws Exception {
        assertThat(loaded("").stream()
                        .filter(line -> line.contains(".agent.record.") || line.contains(".agent.replay.")))
                .isEmpty();
        assertThat(loaded("api: {record: {dir: \"" + folder.resolve("recording") + "\"}}"))
                .anySatisfy(line -> assertThat(line).contains("io.podslice.agent.record.Recorder "))
                .noneSatisfy(line -> assertThat(line).contains(".agent.replay."))
                .noneSatisfy(line -> assertThat(line).contains("io.grpc."));
    }

    @Test
    void nothingOfHttpAndTlsWithoutTheApiServer() throws Exception {
        assertThat(loaded("").stream()
                        .filter(line -> line.contains("java.net.http.")
                                || line.contains("javax.net.ssl.")
                                || line.contains(".cluster.apiserver.ApiServer ")
                                || line.contains(".cluster.credentials.")
                                || line.contains(".cluster.events.")
                                || line.contains("io.grpc.")))
                .isEmpty();
    }

    @Test
    void someWithTheListener() throws Exception {
        // An address for documentation: that it cannot be listened on is a warning.
        assertThat(metrics("api: {metrics: \"192.0.2.1:9419\"}"))
                .anySatisfy(line -> assertThat(line).contains("io.prometheus.metrics.core.metrics.Counter "));
    }
}
