package io.podslice.integration.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.proto.cri.v1.LinuxContainerResources;
import io.podslice.proto.cri.v1.ListPodSandboxRequest;
import io.podslice.proto.cri.v1.UpdateContainerResourcesRequest;
import io.podslice.proto.cri.v1.VersionRequest;
import io.podslice.simulator.kubelet.Amounts;
import io.podslice.simulator.kubelet.RunningPod;
import io.podslice.simulator.kubelet.Wants;
import io.podslice.simulator.runtime.Fault;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Faults of the runtime: whatever it does, no CPU is lost or used by two pods. */
class TroubledRuntimeTest {
    private static final Fault HALF_WAY = new Fault.HalfWay(Status.UNKNOWN.withDescription("runc create failed"));

    private DoorFixture node;

    @BeforeEach
    void start() throws IOException {
        node = new DoorFixture();
    }

    @AfterEach
    void stop() throws IOException {
        node.close();
    }

    private void expectRunFails(String name, Code code) {
        assertThatThrownBy(() -> node.kubelet.run(DoorFixture.pod(name, 6, 4)))
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        e -> assertThat(e.getStatus().getCode()).isEqualTo(code));
    }

    private void expectNothingIsLeft() {
        assertThat(node.others()).isEqualTo(DoorFixture.ALL);
        assertThat(node.kernel.children(DoorFixture.KUBEPODS)).containsExactlyInAnyOrder("burstable", "besteffort");
    }

    @Test
    void aSandboxThatFailsHalfWayGivesEverythingBack() {
        node.runtime.faults().next("RunPodSandbox", HALF_WAY);
        expectRunFails("db", Code.UNKNOWN);
        expectNothingIsLeft();
        RunningPod running = node.kubelet.run(DoorFixture.pod("db", 6, 4));
        assertThat(CpuSet.parse(node.others()).size()).isEqualTo(10);
        node.kubelet.stop(running);
        node.kubelet.remove(running);
        expectNothingIsLeft();
    }

    @Test
    void aContainerThatFailsHalfWayGivesItsCpusBackToItsPod() {
        node.runtime.faults().next("CreateContainer", HALF_WAY);
        expectRunFails("db", Code.UNKNOWN);
        // The kubelet does so after a failed start: the sandbox is there, and the container is created once more.
        String sandbox = node.client
                .runtime()
                .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
                .getItems(0)
                .getId();
        node.runtime.faults().clear();
        RunningPod again = new RunningPod(DoorFixture.pod("db", 6, 4), sandbox, Map.of());
        node.kubelet.stop(again);
        node.kubelet.remove(again);
        expectNothingIsLeft();
        RunningPod running = node.kubelet.run(DoorFixture.pod("db", 6, 4));
        CgroupPath cgroup = node.kubelet.cgroup(running.manifest());
        CpuSet app = CpuSet.parse(node.cpus(cgroup, running.containerId("app")));
        CpuSet helper = CpuSet.parse(node.cpus(cgroup, running.containerId("helper")));
        assertThat(app.size()).isEqualTo(4);
        assertThat(helper.size()).isEqualTo(2);
        assertThat(app.intersects(helper)).isFalse();
    }

    /** The half-made sandbox may live on in the pod's cgroup, which therefore stays; its CPUs do not. */
    @Test
    void aRuntimeThatDiesHalfWayGivesItsCpusBack() {
        node.runtime.faults().next("RunPodSandbox", new Fault.Die());
        expectRunFails("db", Code.UNAVAILABLE);
        await().until(() -> node.others().equals(DoorFixture.ALL));
        node.runtime.start();
        awaitServed();
        assertThat(node.kubelet.run(DoorFixture.pod("db2", 6, 4)).containerIds())
                .hasSize(2);
    }

    private void awaitServed() {
        await().until(() -> {
            try {
                var _ = node.client.runtime().withWaitForReady().version(VersionRequest.getDefaultInstance());
                return true;
            } catch (StatusRuntimeException e) {
                return false;
            }
        });
    }

    @Test
    void aPodKeepsItsCpusThroughARestartOfTheRuntimeAndOfPodslice() {
        RunningPod running = node.kubelet.run(DoorFixture.pod("db", 6, 4));
        CgroupPath cgroup = node.kubelet.cgroup(running.manifest());
        String app = running.containerId("app");
        String before = node.cpus(cgroup, app);
        String others = node.others();

        node.runtime.die();
        assertThatThrownBy(() -> node.client.runtime().version(VersionRequest.getDefaultInstance()))
                .isInstanceOf(StatusRuntimeException.class);
        node.runtime.start();
        awaitServed();
        expectKept(cgroup, app, before, others);

        node.restartAgent();
        awaitServed();
        expectKept(cgroup, app, before, others);
        running = node.kubelet.resize(running, running.manifest().resizedTo(Wants.guaranteed(Amounts.of(8, 2))));
        assertThat(node.cpus(cgroup, app)).isEqualTo(before);
        assertThat(node.kernel.read(cgroup, "cpu.max")).isEqualTo("800000 100000");
        node.kubelet.stop(running);
        node.kubelet.remove(running);
        expectNothingIsLeft();
    }

    /** Checks that an update to all CPUs with a quota leaves the container on its CPUs, without a quota. */
    private void expectKept(CgroupPath cgroup, String app, String cpus, String others) {
        var _ = node.client
                .runtime()
                .updateContainerResources(UpdateContainerResourcesRequest.newBuilder()
                        .setContainerId(app)
                        .setLinux(LinuxContainerResources.newBuilder()
                                .setCpusetCpus(DoorFixture.ALL)
                                .setCpuQuota(100_000)
                                .setCpuPeriod(100_000))
                        .build());
        assertThat(node.cpus(cgroup, app)).isEqualTo(cpus);
        assertThat(node.kernel.read(cgroup.child(app), "cpu.max")).isEqualTo("max 100000");
        assertThat(node.others()).isEqualTo(others);
    }

    @Test
    void aRuntimeThatHangsCostsTheClientItsDeadlineAndNothingElse() {
        node.runtime.faults().next("RunPodSandbox", new Fault.Hang());
        // On a busy machine a deadline may pass on the way there.
        for (long millis = 300; millis < 20_000 && node.runtime.faults().waits("RunPodSandbox"); millis *= 2) {
            long deadline = millis;
            assertThatThrownBy(() -> node.client
                            .runtime()
                            .withDeadlineAfter(deadline, TimeUnit.MILLISECONDS)
                            .runPodSandbox(MalformedCallsTest.run(DoorFixture.pod("db", 6, 4))))
                    .isInstanceOfSatisfying(
                            StatusRuntimeException.class,
                            e -> assertThat(e.getStatus().getCode()).isEqualTo(Code.DEADLINE_EXCEEDED));
        }
        assertThat(node.runtime.faults().waits("RunPodSandbox")).isFalse();
        await().atMost(Duration.ofSeconds(20)).untilAsserted(this::expectNothingIsLeft);
        RunningPod running = node.kubelet.run(DoorFixture.pod("db", 6, 4));
        assertThat(List.of(node.others())).doesNotContain(DoorFixture.ALL);
        assertThat(running.containerIds()).hasSize(2);
    }
}
