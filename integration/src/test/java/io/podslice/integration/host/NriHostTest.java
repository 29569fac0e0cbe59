package io.podslice.integration.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.StatusRuntimeException;
import io.podslice.agent.Agent;
import io.podslice.agent.AgentParts;
import io.podslice.agent.config.Configuration;
import io.podslice.cgroups.machine.Machine;
import io.podslice.integration.cri.CriClient;
import io.podslice.integration.kernel.SimulatedCgroups;
import io.podslice.integration.runtime.AgentConfiguration;
import io.podslice.node.PlanListener;
import io.podslice.proto.cri.v1.ContainerConfig;
import io.podslice.proto.cri.v1.CreateContainerRequest;
import io.podslice.proto.cri.v1.ExecSyncRequest;
import io.podslice.proto.cri.v1.LinuxContainerResources;
import io.podslice.proto.cri.v1.ListPodSandboxRequest;
import io.podslice.proto.cri.v1.PodSandboxConfig;
import io.podslice.proto.cri.v1.RemovePodSandboxRequest;
import io.podslice.proto.cri.v1.RunPodSandboxRequest;
import io.podslice.proto.cri.v1.StartContainerRequest;
import io.podslice.proto.cri.v1.UpdateContainerResourcesRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * podslice as a plugin of real containerds: of 1.7 with NRI 0.6.1 and of 2.1 with 0.8. The brain's own cgroups are
 * simulated, since this machine's need not be cgroup v2; what containers run on is what the kernel says.
 */
@Tag("nri")
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class NriHostTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final int CPUS = Runtime.getRuntime().availableProcessors();
    private static final Machine MACHINE = Machine.regular(1, 1, CPUS, 1, 8L << 30);

    private final Path folder;
    private @Nullable HostContainerd running;
    private @Nullable CriClient client;
    private @Nullable Agent agent;

    NriHostTest() throws IOException {
        // A short path: those of the Unix sockets in it are limited to 107 characters.
        folder = Files.createTempDirectory("podslice");
    }

    private void startContainerd(String version) throws IOException, InterruptedException {
        HostContainerd containerd = HostContainerd.start(folder.resolve("c"), version);
        running = containerd;
        client = new CriClient(containerd.socket(), TIMEOUT);
    }

    private HostContainerd containerd() {
        return Objects.requireNonNull(running);
    }

    private CriClient cri() {
        return Objects.requireNonNull(client);
    }

    @AfterEach
    void stop() throws IOException, InterruptedException {
        if (agent != null) {
            agent.close();
        }
        if (client != null) {
            client.close();
        }
        if (running != null) {
            running.stop();
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    /** Starts podslice and waits until containerd has taken it up. */
    private Agent startAgent() throws IOException {
        int before = synchronizations();
        Configuration base =
                AgentConfiguration.of(folder.resolve("cri.sock"), containerd().socket(), folder.resolve("state"));
        Configuration configuration =
                AgentConfiguration.withNri(base, containerd().nriSocket());
        Agent started = new Agent(
                configuration,
                new AgentParts(new SimulatedCgroups(MACHINE), MACHINE, Clock.systemUTC(), PlanListener.NONE));
        agent = started;
        await().atMost(TIMEOUT).until(() -> synchronizations() > before);
        return started;
    }

    /** From its beginning on no pod or container is made before the plugin has answered. */
    private int synchronizations() throws IOException {
        return containerd().log().split("Synchronizing NRI \\(plugin\\) with current runtime state", -1).length;
    }

    private static PodSandboxConfig pod(String name, int cpus) {
        return LifeCycle.pod(name, "/kubepods/pod" + name).toBuilder()
                .putAnnotations("podslice.io/pod-spec", """
                        {"resources":{"requests":{"cpu":"%1$d","memory":"64Mi"},"limits":{"cpu":"%1$d","memory":"64Mi"}},
                         "containers":[{"name":"db","resources":{"requests":{"cpu":"%1$d","memory":"64Mi"},
                                                                 "limits":{"cpu":"%1$d","memory":"64Mi"}}}]}
                        """.formatted(cpus))
                .build();
    }

    private static String run(CriClient through, PodSandboxConfig pod) {
        return through.runtime()
                .runPodSandbox(RunPodSandboxRequest.newBuilder().setConfig(pod).build())
                .getPodSandboxId();
    }

    private static String start(CriClient through, String sandbox, PodSandboxConfig pod) {
        ContainerConfig config = LifeCycle.container("db");
        String id = through.runtime()
                .createContainer(CreateContainerRequest.newBuilder()
                        .setPodSandboxId(sandbox)
                        .setConfig(config)
                        .setSandboxConfig(pod)
                        .build())
                .getContainerId();
        var _ = through.runtime()
                .startContainer(
                        StartContainerRequest.newBuilder().setContainerId(id).build());
        return id;
    }

    /** What the kernel lets a process of the container run on. */
    private String allowed(String container) {
        return cri().runtime()
                .execSync(ExecSyncRequest.newBuilder()
                        .setContainerId(container)
                        .addCmd("grep")
                        .addCmd("Cpus_allowed_list")
                        .addCmd("/proc/self/status")
                        .setTimeout(30)
                        .build())
                .getStdout()
                .toStringUtf8()
                .strip()
                .replaceAll(".*\\s", "");
    }

    private void remove(String sandbox) {
        var _ = cri().runtime()
                .removePodSandbox(RemovePodSandboxRequest.newBuilder()
                        .setPodSandboxId(sandbox)
                        .build());
    }

    private static String all() {
        return CPUS == 1 ? "0" : "0-" + (CPUS - 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"2.1", "1.7"})
    void aContainerThatIsMadePastTheShimGetsItsCpusAndKeepsThem(String version) throws Exception {
        startContainerd(version);
        startAgent();
        PodSandboxConfig pod = pod("alone", 1);

        String sandbox = run(cri(), pod);
        String container = start(cri(), sandbox, pod);
        assertThat(allowed(container)).isEqualTo("0");

        // As a kubelet's resize has it: a quota, and no CPUs.
        var _ = cri().runtime()
                .updateContainerResources(UpdateContainerResourcesRequest.newBuilder()
                        .setContainerId(container)
                        .setLinux(LinuxContainerResources.newBuilder()
                                .setCpuPeriod(100_000)
                                .setCpuQuota(100_000)
                                .setCpuShares(1024)
                                .setMemoryLimitInBytes(64 << 20))
                        .build());
        assertThat(allowed(container)).isEqualTo("0");

        // What it had is free again.
        remove(sandbox);
        PodSandboxConfig next = pod("next", 1);
        String nextSandbox = run(cri(), next);
        assertThat(allowed(start(cri(), nextSandbox, next))).isEqualTo("0");
        remove(nextSandbox);
    }

    @ParameterizedTest
    @ValueSource(strings = {"2.1", "1.7"})
    void aPodThatDoesNotFitIsRefusedAndLeavesNothing(String version) throws Exception {
        startContainerd(version);
        startAgent();

        assertThatThrownBy(() -> run(cri(), pod("large", CPUS + 8)))
                .isInstanceOf(StatusRuntimeException.class)
                .hasMessageContaining("AdmissionError");
        assertThat(cri().runtime()
                        .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
                        .getItemsList())
                .isEmpty();
        PodSandboxConfig fits = pod("fits", 1);
        String sandbox = run(cri(), fits);
        assertThat(allowed(start(cri(), sandbox, fits))).isEqualTo("0");
        remove(sandbox);
    }

    @ParameterizedTest
    @ValueSource(strings = {"2.1", "1.7"})
    void whatTheShimHasDecidedIsConfirmed(String version) throws Exception {
        startContainerd(version);
        startAgent();
        PodSandboxConfig pod = pod("both", 1);

        try (CriClient shim = new CriClient(folder.resolve("cri.sock"), TIMEOUT)) {
            String sandbox = run(shim, pod);
            assertThat(allowed(start(shim, sandbox, pod))).isEqualTo("0");
            remove(sandbox);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"2.1", "1.7"})
    void startedByContainerdItDecidesAndEndsWithIt(String version) throws Exception {
        Path image = Image.folder();
        Files.writeString(
                image.resolve("podslice.yaml"), """
                apiVersion: podslice.io/v1alpha1
                kind: PodsliceConfiguration
                cgroups: {root: %s}
                state: {dir: %s}
                """.formatted(folder.resolve("no-cgroups"), folder.resolve("state")));
        Path plugins = Files.createDirectories(folder.resolve("c/nri/plugins"));
        Files.createSymbolicLink(plugins.resolve("10-podslice"), image.resolve("bin/podslice-nri"));
        startContainerd(version);
        // containerd itself gives up after 5 s, and 1.7 says that it has booted before. From its registration on no pod
        // is
        // made before the plugin has been told what runs, which not every version logs.
        await().atMost(TIMEOUT).until(() -> containerd().log().contains("registered as \\\"10-podslice\\\""));

        assertThatThrownBy(() -> run(cri(), pod("asks", 1)))
                .isInstanceOf(StatusRuntimeException.class)
                .hasMessageContaining("CgroupV2Required");
        remove(run(cri(), LifeCycle.pod("plain", "")));

        assertThat(processesOf(image)).hasSize(1);
        Objects.requireNonNull(running).stop();
        await().atMost(TIMEOUT).until(() -> processesOf(image).isEmpty());
    }

    private static List<ProcessHandle> processesOf(Path image) {
        return ProcessHandle.allProcesses()
                .filter(process -> process.info()
                        .command()
                        .filter(command -> command.startsWith(image.toString()))
                        .isPresent())
                .toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"2.1", "1.7"})
    void whatCameWhilePodsliceWasAwayIsPinnedWhenItIsBack(String version) throws Exception {
        startContainerd(version);
        PodSandboxConfig early = pod("early", 1);
        String sandbox = run(cri(), early);
        String container = start(cri(), sandbox, early);
        assertThat(allowed(container)).isEqualTo(all());

        Agent first = startAgent();
        await().atMost(TIMEOUT)
                .untilAsserted(() -> assertThat(allowed(container)).isEqualTo("0"));

        // Started again it finds all as it was, and changes nothing.
        first.close();
        startAgent();
        assertThat(allowed(container)).isEqualTo("0");
        remove(sandbox);
    }
}
