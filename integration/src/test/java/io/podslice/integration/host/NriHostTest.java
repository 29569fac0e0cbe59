package io.podslice.integration.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.StatusRuntimeException;
import io.podslice.agent.Agent;
import io.podslice.proto.cri.v1.LinuxContainerResources;
import io.podslice.proto.cri.v1.ListPodSandboxRequest;
import io.podslice.proto.cri.v1.PodSandboxConfig;
import io.podslice.proto.cri.v1.UpdateContainerResourcesRequest;
import io.podslice.simulator.cri.CriClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** podslice as a plugin of real containerds: of 1.7 with NRI 0.6.1 and of 2.1 with 0.8. */
@Tag("nri")
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class NriHostTest {
    private final NriHost host = new NriHost();

    NriHostTest() throws IOException {}

    @AfterEach
    void stop() throws IOException, InterruptedException {
        host.stop();
    }

    @ParameterizedTest
    @ValueSource(strings = {"2.1", "1.7"})
    void aContainerThatIsMadePastTheShimGetsItsCpusAndKeepsThem(String version) throws Exception {
        host.startContainerd(version);
        host.startAgent();
        PodSandboxConfig pod = NriHost.pod("alone", 1);

        String sandbox = NriHost.run(host.cri(), pod);
        String container = NriHost.start(host.cri(), sandbox, pod, "db");
        assertThat(host.allowed(container)).isEqualTo("0");

        // A kubelet's resize: it has a quota, and names no CPUs.
        var _ = host.cri()
                .runtime()
                .updateContainerResources(UpdateContainerResourcesRequest.newBuilder()
                        .setContainerId(container)
                        .setLinux(LinuxContainerResources.newBuilder()
                                .setCpuPeriod(100_000)
                                .setCpuQuota(100_000)
                                .setCpuShares(1024)
                                .setMemoryLimitInBytes(64 << 20))
                        .build());
        assertThat(host.allowed(container)).isEqualTo("0");
        assertThat(NriHost.isWithoutQuota("alone", container)).isTrue();

        // Its CPUs are free again.
        host.remove(sandbox);
        PodSandboxConfig next = NriHost.pod("next", 1);
        String nextSandbox = NriHost.run(host.cri(), next);
        assertThat(host.allowed(NriHost.start(host.cri(), nextSandbox, next, "db")))
                .isEqualTo("0");
        host.remove(nextSandbox);
    }

    @ParameterizedTest
    @ValueSource(strings = {"2.1", "1.7"})
    void aPodThatDoesNotFitIsRefusedAndLeavesNothing(String version) throws Exception {
        host.startContainerd(version);
        host.startAgent();

        assertThatThrownBy(() -> NriHost.run(host.cri(), NriHost.pod("large", NriHost.CPUS + 8)))
                .isInstanceOf(StatusRuntimeException.class)
                .hasMessageContaining("AdmissionError");
        assertThat(host.cri()
                        .runtime()
                        .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
                        .getItemsList())
                .isEmpty();
        PodSandboxConfig fits = NriHost.pod("fits", 1);
        String sandbox = NriHost.run(host.cri(), fits);
        assertThat(host.allowed(NriHost.start(host.cri(), sandbox, fits, "db"))).isEqualTo("0");
        host.remove(sandbox);
    }

    @ParameterizedTest
    @ValueSource(strings = {"2.1", "1.7"})
    void whatTheShimHasDecidedIsConfirmed(String version) throws Exception {
        host.startContainerd(version);
        host.startAgent();
        PodSandboxConfig pod = NriHost.pod("both", 1);

        try (CriClient shim = new CriClient(host.folder.resolve("cri.sock"), NriHost.TIMEOUT)) {
            String sandbox = NriHost.run(shim, pod);
            assertThat(host.allowed(NriHost.start(shim, sandbox, pod, "db"))).isEqualTo("0");
            host.remove(sandbox);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"2.1", "1.7"})
    void startedByContainerdItDecidesAndEndsWithIt(String version) throws Exception {
        Path image = Image.folder();
        Files.writeString(image.resolve("podslice.yaml"), """
                apiVersion: podslice.io/v1alpha1
                kind: PodsliceConfiguration
                cgroups: {root: %s}
                state: {dir: %s}
                """.formatted(
                        host.folder.resolve("no-cgroups"), host.folder.resolve("state")));
        Path plugins = Files.createDirectories(host.folder.resolve("c/nri/plugins"));
        Files.createSymbolicLink(plugins.resolve("10-podslice"), image.resolve("bin/podslice-nri"));
        host.startContainerd(version);
        // containerd itself gives up after 5 s, and 1.7 says that it has booted before. From its registration on no pod
        // is
        // made before the plugin has been told what runs, which not every version logs.
        await().atMost(NriHost.TIMEOUT)
                .until(() -> host.containerd().log().contains("registered as \\\"10-podslice\\\""));

        assertThatThrownBy(() -> NriHost.run(host.cri(), NriHost.pod("asks", 1)))
                .isInstanceOf(StatusRuntimeException.class)
                .hasMessageContaining("CgroupV2Required");
        host.remove(NriHost.run(host.cri(), LifeCycle.pod("plain", "")));

        assertThat(processesOf(image)).hasSize(1);
        host.containerd().stop();
        await().atMost(NriHost.TIMEOUT).until(() -> processesOf(image).isEmpty());
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
        host.startContainerd(version);
        PodSandboxConfig early = NriHost.pod("early", 1);
        String sandbox = NriHost.run(host.cri(), early);
        String container = NriHost.start(host.cri(), sandbox, early, "db");
        assertThat(host.allowed(container)).isEqualTo(NriHost.all());

        Agent first = host.startAgent();
        await().atMost(NriHost.TIMEOUT)
                .untilAsserted(() -> assertThat(host.allowed(container)).isEqualTo("0"));

        // After a restart podslice finds its pods unchanged, and changes nothing.
        first.close();
        host.startAgent();
        assertThat(host.allowed(container)).isEqualTo("0");
        host.remove(sandbox);
    }
}
