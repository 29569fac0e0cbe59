package io.podslice.integration.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.StatusRuntimeException;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.proto.cri.v1.ContainerConfig;
import io.podslice.proto.cri.v1.ContainerMetadata;
import io.podslice.proto.cri.v1.ContainerStatusRequest;
import io.podslice.proto.cri.v1.CreateContainerRequest;
import io.podslice.proto.cri.v1.ImageSpec;
import io.podslice.proto.cri.v1.LinuxContainerResources;
import io.podslice.proto.cri.v1.RemoveContainerRequest;
import io.podslice.proto.cri.v1.StartContainerRequest;
import io.podslice.proto.cri.v1.UpdatePodSandboxResourcesRequest;
import io.podslice.simulator.kubelet.Amounts;
import io.podslice.simulator.kubelet.PodManifest;
import io.podslice.simulator.kubelet.RunningPod;
import io.podslice.simulator.kubelet.Wants;
import io.podslice.simulator.runtime.PodUpdateSupport;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The kubelet's resizes in front of runtimes that know the call for pods, that do not, and that answer "not
 * implemented".
 */
final class ResizeThroughTheDoorTest {
    private static final long MI = 1L << 20;

    /** The client sees the runtime's refusals: a refused call would throw here. */
    @ParameterizedTest
    @EnumSource
    void theCallForPodsSucceedsWhateverTheRuntimeKnows(PodUpdateSupport podUpdates) throws IOException {
        try (DoorFixture node = new DoorFixture(podUpdates)) {
            RunningPod running = node.kubelet.run(DoorFixture.pod("db", 6, 4));
            CgroupPath cgroup = node.kubelet.cgroup(running.manifest());

            var _ = node.client
                    .runtime()
                    .updatePodSandboxResources(UpdatePodSandboxResourcesRequest.newBuilder()
                            .setPodSandboxId(running.sandboxId())
                            .setResources(LinuxContainerResources.newBuilder()
                                    .setCpuPeriod(100_000)
                                    .setCpuQuota(800_000)
                                    .setCpuShares(8192)
                                    .setMemoryLimitInBytes(3L << 30))
                            .build());

            assertThat(node.kernel.read(cgroup, "cpu.max")).isEqualTo("800000 100000");
            assertThat(node.kernel.read(cgroup, "memory.max")).isEqualTo(Long.toString(3L << 30));
            assertThat(CpuSet.parse(node.others()).size()).isEqualTo(8);
        }
    }

    @ParameterizedTest
    @EnumSource
    void thePodItsContainersAndTheirCpusGrowAndShrinkTogether(PodUpdateSupport podUpdates) throws IOException {
        try (DoorFixture node = new DoorFixture(podUpdates)) {
            RunningPod running = node.kubelet.run(DoorFixture.pod("db", 6, 4));
            CgroupPath cgroup = node.kubelet.cgroup(running.manifest());
            CpuSet app = cpus(node, cgroup, running, "app");
            CpuSet helper = cpus(node, cgroup, running, "helper");

            running = node.kubelet.resize(
                    running,
                    DoorFixture.resized(
                            running.manifest(),
                            Wants.guaranteed(Amounts.of(10, 4)),
                            Wants.guaranteed(Amounts.of(7, 2))));

            CpuSet grown = cpus(node, cgroup, running, "app");
            assertThat(grown.size()).isEqualTo(7);
            assertThat(grown.containsAll(app)).isTrue();
            assertThat(cpus(node, cgroup, running, "helper").size()).isEqualTo(3);
            assertThat(node.kernel.read(cgroup.child(running.containerId("app")), "memory.max"))
                    .isEqualTo(Long.toString(2L << 30));
            assertThat(stored(node, running, "app").getCpusetCpus()).isEqualTo(grown.toString());

            running = node.kubelet.resize(running, DoorFixture.pod("db", 6, 4));

            assertThat(cpus(node, cgroup, running, "app")).isEqualTo(app);
            assertThat(cpus(node, cgroup, running, "helper")).isEqualTo(helper);
            assertThat(node.kernel.read(cgroup, "cpu.max")).isEqualTo("600000 100000");
            assertThat(node.kernel.read(cgroup.child(running.containerId("helper")), "cpu.max"))
                    .isEqualTo("600000 100000");
            assertThat(node.kernel.read(cgroup.child(running.containerId("app")), "cpu.max"))
                    .isEqualTo("max 100000");
        }
    }

    @Test
    void memoryInUseIsTakenBackOrLeftButNobodyIsKilled() throws IOException {
        try (DoorFixture node = new DoorFixture()) {
            RunningPod running = node.kubelet.run(DoorFixture.pod("db", 6, 4));
            CgroupPath cgroup = node.kubelet.cgroup(running.manifest());
            CgroupPath helper = cgroup.child(running.containerId("helper"));
            PodManifest smaller = DoorFixture.resized(
                    running.manifest(), Wants.guaranteed(Amounts.of(6, 1)), Wants.guaranteed(new Amounts(4000, MI)));

            node.kernel.useMemory(helper, 1500 * MI, 0);
            assertThatThrownBy(() -> node.kubelet.resize(running, smaller))
                    .isInstanceOf(StatusRuntimeException.class)
                    .hasMessageContaining("Deferred: cannot decrease memory limits: attempting to set container"
                            + " \"helper\" memory limit (1073741824) below current usage (1572864000)");
            assertThat(node.kernel.read(helper, "memory.high")).isEqualTo("max");
            assertThat(node.kernel.read(cgroup, "memory.max")).isEqualTo(Long.toString(2L << 30));

            node.kernel.useMemory(helper, 500 * MI, 1000 * MI);
            RunningPod shrunk = node.kubelet.resize(running, smaller);
            assertThat(node.kernel.read(cgroup, "memory.max")).isEqualTo(Long.toString(1L << 30));
            assertThat(node.kernel.read(helper, "memory.high")).isEqualTo("max");
            assertThat(node.kernel.read(cgroup, "memory.events")).contains("oom_kill 0");
            assertThat(shrunk.containerIds()).hasSize(2);
        }
    }

    /** The kubelet reads a container's CPU limit back from what the runtime has stored. */
    @Test
    void theRuntimeKeepsTheQuotaThatTheKubeletSetAndTheCgroupOfAPinnedContainerHasNone() throws IOException {
        try (DoorFixture node = new DoorFixture()) {
            RunningPod running = node.kubelet.run(DoorFixture.pod("db", 6, 4));
            CgroupPath app = node.kubelet.cgroup(running.manifest()).child(running.containerId("app"));
            assertThat(stored(node, running, "app").getCpuQuota()).isEqualTo(400_000);
            assertThat(stored(node, running, "app").getCpuPeriod()).isEqualTo(100_000);
            assertThat(stored(node, running, "app").getCpuShares()).isEqualTo(4096);
            assertThat(node.kernel.read(app, "cpu.max")).isEqualTo("max 100000");

            running = node.kubelet.resize(
                    running,
                    DoorFixture.resized(
                            running.manifest(),
                            Wants.guaranteed(Amounts.of(6, 2)),
                            Wants.guaranteed(Amounts.of(5, 1))));

            assertThat(stored(node, running, "app").getCpuQuota()).isEqualTo(500_000);
            assertThat(stored(node, running, "app").getCpuShares()).isEqualTo(5120);
            assertThat(node.kernel.read(app, "cpu.max")).isEqualTo("max 100000");
        }
    }

    @Test
    void aContainerThatIsCreatedAndNotStartedStartsOnWhatItsPodHasThen() throws IOException {
        try (DoorFixture node = new DoorFixture()) {
            RunningPod running = node.kubelet.run(DoorFixture.pod("db", 6, 2));
            CgroupPath cgroup = node.kubelet.cgroup(running.manifest());
            String second = createdAnew(node, running, "helper");
            assertThat(stored(node, second).getCpusetCpus()).isNotEmpty();

            var _ = node.client
                    .runtime()
                    .updatePodSandboxResources(UpdatePodSandboxResourcesRequest.newBuilder()
                            .setPodSandboxId(running.sandboxId())
                            .setResources(LinuxContainerResources.newBuilder()
                                    .setCpuPeriod(100_000)
                                    .setCpuQuota(400_000)
                                    .setCpuShares(4096))
                            .build());
            RunningPod other = node.kubelet.run(DoorFixture.pod("other", 9, 2));
            CpuSet ofOther = cpus(node, node.kubelet.cgroup(other.manifest()), other, "app")
                    .union(cpus(node, node.kubelet.cgroup(other.manifest()), other, "helper"));
            assertThat(ofOther.size()).isEqualTo(9);
            assertThat(CpuSet.parse(stored(node, second).getCpusetCpus()).size())
                    .isEqualTo(2);

            var _ = node.client
                    .runtime()
                    .startContainer(StartContainerRequest.newBuilder()
                            .setContainerId(second)
                            .build());

            CpuSet allowed = CpuSet.parse(node.cpus(cgroup, second));
            assertThat(allowed.size()).isEqualTo(2);
            assertThat(allowed.intersects(ofOther)).isFalse();
        }
    }

    /** Removes a container, and creates another of its name without starting it; returns its id. */
    private static String createdAnew(DoorFixture node, RunningPod pod, String container) {
        var _ = node.client
                .runtime()
                .removeContainer(RemoveContainerRequest.newBuilder()
                        .setContainerId(pod.containerId(container))
                        .build());
        return node.client
                .runtime()
                .createContainer(CreateContainerRequest.newBuilder()
                        .setPodSandboxId(pod.sandboxId())
                        .setConfig(ContainerConfig.newBuilder()
                                .setMetadata(ContainerMetadata.newBuilder()
                                        .setName(container)
                                        .setAttempt(1))
                                .setImage(ImageSpec.newBuilder().setImage("busybox")))
                        .build())
                .getContainerId();
    }

    private static CpuSet cpus(DoorFixture node, CgroupPath cgroup, RunningPod pod, String container) {
        return CpuSet.parse(node.cpus(cgroup, pod.containerId(container)));
    }

    private static LinuxContainerResources stored(DoorFixture node, RunningPod pod, String container) {
        return stored(node, pod.containerId(container));
    }

    private static LinuxContainerResources stored(DoorFixture node, String id) {
        return node.client
                .runtime()
                .containerStatus(
                        ContainerStatusRequest.newBuilder().setContainerId(id).build())
                .getStatus()
                .getResources()
                .getLinux();
    }
}
