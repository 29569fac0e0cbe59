package io.podslice.integration.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.agent.cli.ExitCode;
import io.podslice.cgroups.CgroupDriver;
import io.podslice.cgroups.CpuSet;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class DemoCommandTest {
    @TempDir
    private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... args) {
        return new CommandLine(new DemoCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(args);
    }

    @Test
    void databaseHasSixCpusOfOneNumaNodeThatNobodyElseHasAndItsSidecarsTheOtherTwo() {
        assertThat(run("--json")).as("%s", err).isEqualTo(ExitCode.OK);
        JsonNode json = JsonMapper.shared().readTree(out.toString());
        JsonNode pod = json.get("pods").get(0);
        assertThat(pod.get("name").asString()).isEqualTo("tightly-coupled-database");
        CpuSet database = cpus(container(pod, "database"));
        assertThat(database.size()).isEqualTo(6);
        assertThat(cpus(pod).size()).isEqualTo(8);
        CpuSet shared = cpus(pod).minus(database);
        assertThat(cpus(container(pod, "metrics-exporter"))).isEqualTo(shared);
        assertThat(cpus(container(pod, "backup-agent"))).isEqualTo(shared);
        CpuSet node = cpus(
                json.get("machine").get("numaNodes").get(pod.get("numaNodes").asString()));
        assertThat(node.containsAll(cpus(pod))).isTrue();
        for (int i = 1; i < json.get("pods").size(); i++) {
            assertThat(cpus(json.get("pods").get(i)).intersects(database)).isFalse();
        }
        assertThat(pod.get("cgroup").get("after").get("cpu.max").asString()).isEqualTo("800000 100000");
    }

    @Test
    void resizeSaysInWhichOrderItWasWritten() {
        run("--json");
        JsonNode resize = JsonMapper.shared().readTree(out.toString()).get("resize");
        assertThat(resize.get("pod").asString()).isEqualTo("shared-pool-app");
        JsonNode first = resize.get("steps").get(0);
        assertThat(first.get("actor").asString()).isEqualTo("kubelet");
        assertThat(first.get("call").asString()).isEqualTo("UpdatePodSandboxResources");
        assertThat(resize.get("cgroup").get("before").get("cpu.max").asString()).isEqualTo("200000 100000");
        assertThat(resize.get("cgroup").get("after").get("cpu.max").asString()).isEqualTo("400000 100000");
    }

    @Test
    void cgroupFilesOfTheRunningPodsAreKeptWhereAsked() throws IOException {
        Path kept = folder.resolve("kept");
        assertThat(run("--keep", kept.toString())).isEqualTo(ExitCode.OK);
        assertThat(out.toString()).contains("59 of 59 checks").doesNotContain("\u001b");
        Path pod = kept.resolve("kubepods/pod" + DemoPods.database().uid());
        assertThat(Files.readString(pod.resolve("cpu.max"))).isEqualTo("800000 100000\n");
    }

    @ParameterizedTest
    @EnumSource(DemoSource.class)
    void thePageShowsAResizeThatWaitsAndARefusedPodUntilNobodyLooks(DemoSource source) throws IOException {
        CountDownLatch looked = new CountDownLatch(1);
        StringBuilder page = new StringBuilder();
        DemoPage shown = new DemoPage(
                0,
                address -> {
                    try (InputStream html = address.toURL().openStream()) {
                        page.append(new String(html.readAllBytes(), StandardCharsets.UTF_8));
                    } catch (IOException e) {
                        page.append(e);
                    }
                    looked.countDown();
                },
                looked);
        Path sockets = Files.createTempDirectory("demo");
        try {
            DemoResult result = new Demo(sockets, null, shown, source, CgroupDriver.CGROUPFS).run();
            assertThat(result.holds()).isTrue();
        } finally {
            DemoCommand.delete(sockets);
        }
        assertThat(page)
                .contains(
                        "default/tightly-coupled-database",
                        "resize waits, Deferred, since ",
                        "default/second-database");
    }

    @Test
    void aPortThatIsNoneIsRefused() {
        assertThat(run("--page=70000")).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).startsWith("--page 70000: is not a port");
    }

    @ParameterizedTest
    @ValueSource(strings = {"podsAPI", "apiServer", "staticPods"})
    void podsWithoutAnnotationsGetWhatTheyGetWithThem(String source) {
        assertThat(run("--json")).as("%s", err).isEqualTo(ExitCode.OK);
        JsonNode annotated = JsonMapper.shared().readTree(out.toString());
        out.getBuffer().setLength(0);
        assertThat(run("--json", "--source", source)).as("%s", err).isEqualTo(ExitCode.OK);
        JsonNode described = JsonMapper.shared().readTree(out.toString());
        assertThat(described.get("source").asString()).isEqualTo(source);
        for (int i = 0; i < annotated.get("pods").size(); i++) {
            JsonNode pod = described.get("pods").get(i);
            JsonNode expected = annotated.get("pods").get(i);
            assertThat(pod.get("name").asString())
                    .startsWith(expected.get("name").asString());
            assertThat(pod.at("/cgroup/after")).isEqualTo(expected.at("/cgroup/after"));
            for (int j = 0; j < expected.get("containers").size(); j++) {
                assertThat(pod.get("containers").get(j).at("/cgroup/after"))
                        .isEqualTo(expected.get("containers").get(j).at("/cgroup/after"));
            }
        }
        assertThat(described.at("/resize/cgroup/after")).isEqualTo(annotated.at("/resize/cgroup/after"));
    }

    @Test
    void podsGetTheSameFromSystemdsDriver() {
        assertThat(run("--json")).as("%s", err).isEqualTo(ExitCode.OK);
        JsonNode directories = JsonMapper.shared().readTree(out.toString());
        out.getBuffer().setLength(0);
        assertThat(run("--json", "--driver", "systemd")).as("%s", err).isEqualTo(ExitCode.OK);
        JsonNode units = JsonMapper.shared().readTree(out.toString());
        assertThat(units.get("driver").asString()).isEqualTo("systemd");
        for (int i = 0; i < directories.get("pods").size(); i++) {
            JsonNode pod = units.get("pods").get(i);
            JsonNode expected = directories.get("pods").get(i);
            assertThat(pod.at("/cgroup/path").asString())
                    .startsWith("/kubepods.slice/kubepods-")
                    .endsWith(".slice");
            assertThat(pod.at("/cgroup/after")).isEqualTo(expected.at("/cgroup/after"));
            for (int j = 0; j < expected.get("containers").size(); j++) {
                assertThat(pod.get("containers").get(j).at("/cgroup/after"))
                        .isEqualTo(expected.get("containers").get(j).at("/cgroup/after"));
            }
        }
        assertThat(units.at("/resize/cgroup/after")).isEqualTo(directories.at("/resize/cgroup/after"));
        assertThat(units.at("/resize/steps").toString()).contains("SetUnitProperties");
    }

    @Test
    void trainingJobIsBesideItsGpu() {
        assertThat(run("--json")).isEqualTo(ExitCode.OK);
        JsonNode pod = JsonMapper.shared().readTree(out.toString()).get("pods").get(1);
        assertThat(pod.get("name").asString()).isEqualTo("ml-workload");
        assertThat(pod.get("numaNodes").asString()).isEqualTo("1");
    }

    @Test
    void unknownSourceIsRefused() {
        assertThat(run("--source", "guess")).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).contains("must be one of [annotation, podsAPI, apiServer, staticPods]");
    }

    @Test
    void unknownDriverIsRefused() {
        assertThat(run("--driver", "none")).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).contains("must be one of [cgroupfs, systemd]");
    }

    @Test
    void folderWithSomethingInItIsNotWrittenTo() throws IOException {
        Files.writeString(folder.resolve("mine"), "");
        assertThat(run("--keep", folder.toString())).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).contains("is not an empty folder");
    }

    private static JsonNode container(JsonNode pod, String name) {
        for (JsonNode container : pod.get("containers")) {
            if (container.get("name").asString().equals(name)) {
                return container;
            }
        }
        throw new AssertionError("no container " + name);
    }

    private static CpuSet cpus(JsonNode of) {
        return CpuSet.parse(of.get("cpus").asString());
    }
}
