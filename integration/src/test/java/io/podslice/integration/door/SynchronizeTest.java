package io.podslice.integration.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.proto.cri.v1.ContainerConfig;
import io.podslice.proto.cri.v1.ContainerMetadata;
import io.podslice.proto.cri.v1.CreateContainerRequest;
import io.podslice.proto.cri.v1.ImageSpec;
import io.podslice.proto.cri.v1.LinuxContainerConfig;
import io.podslice.proto.cri.v1.LinuxContainerResources;
import io.podslice.proto.cri.v1.RemoveContainerRequest;
import io.podslice.proto.cri.v1.StartContainerRequest;
import io.podslice.proto.cri.v1.UpdateContainerResourcesRequest;
import io.podslice.simulator.kubelet.RunningPod;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Changes made while podslice or the runtime was away are found by the runtime's lists. */
class SynchronizeTest {
    private DoorFixture node;

    @BeforeEach
    void start() throws IOException {
        node = new DoorFixture();
    }

    @AfterEach
    void stop() throws IOException {
        node.close();
    }

    private static void eventually(ThrowingRunnable assertion) {
        await().atMost(Duration.ofSeconds(30)).untilAsserted(assertion);
    }

    private String cpus(RunningPod pod, String container) {
        return node.cpus(node.kubelet.cgroup(pod.manifest()), pod.containerId(container));
    }

    /** Returns the CPUs by pod and container. */
    private Map<String, String> allCpus(List<RunningPod> pods) {
        Map<String, String> all = new HashMap<>();
        for (RunningPod pod : pods) {
            for (String container : pod.containerIds().keySet()) {
                all.put(pod.manifest().name() + "/" + container, cpus(pod, container));
            }
        }
        return all;
    }

    private List<RunningPod> threePods() {
        // The first pod goes again, so that the others are on CPUs that they would not get now.
        RunningPod first = node.kubelet.run(DoorFixture.pod("first", 2, 1));
        List<RunningPod> pods = new ArrayList<>();
        for (String name : new String[] {"a", "b", "c"}) {
            pods.add(node.kubelet.run(DoorFixture.pod(name, 3, 2)));
        }
        node.kubelet.stop(first);
        node.kubelet.remove(first);
        return pods;
    }

    @Test
    void withoutItsStateEveryContainerKeepsItsCpus() throws IOException {
        List<RunningPod> pods = threePods();
        Map<String, String> before = allCpus(pods);
        String others = node.others();
        node.stopAgent();
        node.loseState();
        node.written.clear();

        node.startAgent();

        eventually(() -> assertThat(node.saved())
                .contains(pods.stream()
                        .flatMap(pod -> pod.containerIds().values().stream())
                        .toList()));
        assertThat(node.written).as("no pod was moved").isEmpty();
        assertThat(allCpus(pods)).isEqualTo(before);
        assertThat(node.others()).isEqualTo(others);

        // Their pods are known: an update that names other CPUs does not move them, and their end frees all their CPUs.
        var _ = node.client
                .runtime()
                .updateContainerResources(UpdateContainerResourcesRequest.newBuilder()
                        .setContainerId(pods.getFirst().containerId("app"))
                        .setLinux(LinuxContainerResources.newBuilder().setCpusetCpus(DoorFixture.ALL))
                        .build());
        assertThat(allCpus(pods)).isEqualTo(before);
        for (RunningPod pod : pods) {
            node.kubelet.stop(pod);
            node.kubelet.remove(pod);
        }
        assertThat(node.others()).isEqualTo(DoorFixture.ALL);
    }

    @Test
    void aContainerThatWasCreatedWhilePodsliceWasAwayIsPinned() {
        RunningPod pod = node.kubelet.run(DoorFixture.pod("db", 6, 4));
        String own = cpus(pod, "app");
        CgroupPath cgroup = node.kubelet.cgroup(pod.manifest());
        node.stopAgent();
        List<String> created = new ArrayList<>();
        node.besidePodslice((direct, kubelet) -> {
            var _ = direct.runtime()
                    .removeContainer(RemoveContainerRequest.newBuilder()
                            .setContainerId(pod.containerId("app"))
                            .build());
            created.add(direct.runtime()
                    .createContainer(CreateContainerRequest.newBuilder()
                            .setPodSandboxId(pod.sandboxId())
                            .setConfig(ContainerConfig.newBuilder()
                                    .setMetadata(ContainerMetadata.newBuilder()
                                            .setName("app")
                                            .setAttempt(1))
                                    .setImage(ImageSpec.newBuilder().setImage("busybox"))
                                    .setLinux(LinuxContainerConfig.newBuilder()
                                            .setResources(LinuxContainerResources.newBuilder()
                                                    .setCpuPeriod(100_000)
                                                    .setCpuQuota(400_000)
                                                    .setCpuShares(4096))))
                            .build())
                    .getContainerId());
            var _ = direct.runtime()
                    .startContainer(StartContainerRequest.newBuilder()
                            .setContainerId(created.getFirst())
                            .build());
        });
        String app = created.getFirst();
        assertThat(node.kernel.read(cgroup.child(app), "cpu.max")).isEqualTo("400000 100000");
        assertThat(node.cpus(cgroup, app)).isNotEqualTo(own);

        node.startAgent();

        eventually(() -> assertThat(node.cpus(cgroup, app)).isEqualTo(own));
        assertThat(node.kernel.read(cgroup.child(app), "cpu.max")).isEqualTo("max 100000");
    }

    @Test
    void aPodThatWasCreatedWhilePodsliceWasAwayGetsItsCpus() {
        node.stopAgent();
        List<RunningPod> created = new ArrayList<>();
        node.besidePodslice((direct, kubelet) -> created.add(kubelet.run(DoorFixture.pod("db", 6, 4))));
        RunningPod pod = created.getFirst();
        assertThat(cpus(pod, "app")).isEqualTo(DoorFixture.ALL);

        node.startAgent();

        eventually(() -> assertThat(CpuSet.parse(cpus(pod, "app")).size()).isEqualTo(4));
        CpuSet own = CpuSet.parse(cpus(pod, "app"));
        CpuSet helper = CpuSet.parse(cpus(pod, "helper"));
        CpuSet others = CpuSet.parse(node.others());
        assertThat(helper.size()).isEqualTo(2);
        assertThat(own.intersects(helper) || own.union(helper).intersects(others))
                .isFalse();
        assertThat(others.size()).isEqualTo(10);
    }

    @Test
    void aRuntimeThatComesBackWithoutAPodGivesItsCpusBack() {
        RunningPod gone = node.kubelet.run(DoorFixture.pod("gone", 6, 4));
        RunningPod stays = node.kubelet.run(DoorFixture.pod("stays", 4, 2));
        String kept = cpus(stays, "app");
        node.besidePodslice((direct, kubelet) -> {
            kubelet.stop(gone);
            kubelet.remove(gone);
        });
        assertThat(CpuSet.parse(node.others()).size()).isEqualTo(6);

        node.runtime.die();
        node.runtime.start();

        eventually(() -> assertThat(CpuSet.parse(node.others()).size()).isEqualTo(12));
        assertThat(cpus(stays, "app")).isEqualTo(kept);
    }
}
