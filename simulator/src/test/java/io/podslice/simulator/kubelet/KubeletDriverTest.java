package io.podslice.simulator.kubelet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.machine.Machine;
import io.podslice.simulator.cri.CriClient;
import io.podslice.simulator.journal.Actor;
import io.podslice.simulator.journal.Deed;
import io.podslice.simulator.journal.Journal;
import io.podslice.simulator.kernel.SimulatedCgroups;
import io.podslice.simulator.kubelet.ContainerManifest.Kind;
import io.podslice.simulator.runtime.Fault;
import io.podslice.simulator.runtime.PodUpdateSupport;
import io.podslice.simulator.runtime.SimulatedProcesses;
import io.podslice.simulator.runtime.SimulatedRuntime;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KubeletDriverTest {
    private static final CgroupPath KUBEPODS = new CgroupPath("/kubepods");
    private static final NodeSize NODE = new NodeSize(8, 16L << 30, List.of());
    private static final String IMAGE = "busybox";

    @TempDir
    private Path folder;

    private final SimulatedCgroups kernel = new SimulatedCgroups(Machine.regular(2, 1, 2, 2, 8L << 30));
    private final Journal journal = new Journal();
    private SimulatedRuntime runtime;
    private CriClient client;
    private KubeletDriver kubelet;

    @BeforeEach
    void start() {
        runtime = new SimulatedRuntime(
                folder.resolve("cri.sock"),
                journal.of(Actor.RUNTIME, kernel),
                new SimulatedProcesses(kernel),
                PodUpdateSupport.UNIMPLEMENTED,
                InstantSource.system(),
                new Random(1));
        runtime.addImage(IMAGE);
        runtime.start();
        client = new CriClient(runtime.socket(), Duration.ofSeconds(20));
        kubelet = new KubeletDriver(
                client,
                journal.of(Actor.KUBELET, kernel),
                KUBEPODS,
                PodCgroups.BY_KUBELET,
                NODE,
                (method, subject, detail) -> journal.note(new Deed.Call(Actor.KUBELET, method, subject, detail)));
        kubelet.prepareNode();
    }

    @AfterEach
    void stop() {
        client.close();
        runtime.close();
    }

    private static PodManifest pod(Wants wants, ContainerManifest... containers) {
        return new PodManifest("web", "default", "u1", wants, List.of(containers), Map.of());
    }

    private static ContainerManifest app(String name, Wants wants) {
        return new ContainerManifest(name, Kind.APP, IMAGE, wants);
    }

    private CgroupPath container(RunningPod pod, String name) {
        return kubelet.cgroup(pod.manifest()).child(pod.containerId(name));
    }

    @Test
    void guaranteedPodGetsItsBudgetDirectlyBelowKubepods() {
        RunningPod pod = kubelet.run(pod(Wants.guaranteed(Amounts.of(2, 1)), app("a", Wants.NONE)));
        CgroupPath cgroup = new CgroupPath("/kubepods/podu1");
        assertThat(kernel.read(cgroup, "cpu.max")).isEqualTo("200000 100000");
        assertThat(kernel.read(cgroup, "cpu.weight")).isEqualTo("79");
        assertThat(kernel.read(cgroup, "memory.max")).isEqualTo("1073741824");
        assertThat(kernel.read(container(pod, "a"), "cpu.max")).isEqualTo("200000 100000");
        assertThat(kernel.read(container(pod, "a"), "memory.oom.group")).isEqualTo("1");
    }

    @Test
    void burstablePodsWeighUponTheirClass() {
        PodManifest manifest = pod(Wants.NONE, app("a", Wants.requested(new Amounts(1000, 1 << 20))));
        RunningPod pod = kubelet.run(manifest);
        CgroupPath burstable = new CgroupPath("/kubepods/burstable");
        assertThat(kernel.read(burstable, "cpu.weight")).isEqualTo("39");
        assertThat(kernel.read(burstable.child("podu1"), "cpu.max")).isEqualTo("max 100000");
        kubelet.stop(pod);
        kubelet.remove(pod);
        assertThat(kernel.read(burstable, "cpu.weight")).isEqualTo("1");
        assertThat(kernel.children(burstable)).isEmpty();
    }

    @Test
    void growingIsWrittenFromThePodDownwards() {
        RunningPod pod =
                kubelet.run(pod(Wants.guaranteed(Amounts.of(2, 1)), app("a", Wants.NONE), app("b", Wants.NONE)));
        int mark = journal.size();
        kubelet.resize(pod, pod.manifest().resizedTo(Wants.guaranteed(Amounts.of(4, 1))));
        assertThat(steps(mark))
                .containsExactly(
                        "UpdatePodSandboxResources web",
                        "pod cpu.max 400000 100000",
                        "UpdatePodSandboxResources web",
                        "pod cpu.weight 157",
                        "UpdateContainerResources web/a",
                        "a cpu.weight 303",
                        "a cpu.max 400000 100000",
                        "UpdateContainerResources web/b",
                        "b cpu.weight 303",
                        "b cpu.max 400000 100000");
    }

    @Test
    void shrinkingIsWrittenFromTheContainersUpwardsAndMemoryBeforeCpu() {
        RunningPod pod = kubelet.run(pod(Wants.guaranteed(Amounts.of(4, 2)), app("a", Wants.NONE)));
        int mark = journal.size();
        kubelet.resize(pod, pod.manifest().resizedTo(Wants.guaranteed(Amounts.of(2, 1))));
        assertThat(steps(mark))
                .containsExactly(
                        "UpdateContainerResources web/a",
                        "a memory.max 1073741824",
                        "UpdatePodSandboxResources web",
                        "pod memory.max 1073741824",
                        "UpdateContainerResources web/a",
                        "a cpu.weight 174",
                        "a cpu.max 200000 100000",
                        "UpdatePodSandboxResources web",
                        "pod cpu.weight 79",
                        "UpdatePodSandboxResources web",
                        "pod cpu.max 200000 100000");
    }

    /**
     * Returns the calls, and the writes that changed something; a write has its container's name in place of the
     * cgroup.
     */
    private List<String> steps(int mark) {
        return journal.since(mark).stream()
                .filter(deed ->
                        !(deed instanceof Deed.Write write && write.before().equals(write.after())))
                .map(this::text)
                .toList();
    }

    private String text(Deed deed) {
        return switch (deed) {
            case Deed.Call call -> call.method() + " " + call.subject();
            case Deed.Write write -> nameOf(write.cgroup()) + " " + write.file() + " " + write.after();
            case Deed.Made made -> "made " + made.cgroup();
            case Deed.Removed removed -> "removed " + removed.cgroup();
        };
    }

    private String nameOf(CgroupPath cgroup) {
        if (cgroup.name().startsWith("pod")) {
            return "pod";
        }
        return client.runtime()
                .containerStatus(io.podslice.proto.cri.v1.ContainerStatusRequest.newBuilder()
                        .setContainerId(cgroup.name())
                        .build())
                .getStatus()
                .getMetadata()
                .getName();
    }

    @Test
    void vetoStopsTheResizeBeforeAnythingIsWritten() {
        RunningPod pod = kubelet.run(pod(Wants.guaranteed(Amounts.of(2, 1)), app("a", Wants.NONE)));
        runtime.faults().next("UpdatePodSandboxResources", new Fault.Refuse(Status.UNKNOWN.withDescription("no room")));
        PodManifest more = pod.manifest().resizedTo(Wants.guaranteed(Amounts.of(4, 1)));
        assertThatThrownBy(() -> kubelet.resize(pod, more))
                .isInstanceOf(StatusRuntimeException.class)
                .hasMessageContaining("no room");
        assertThat(kernel.read(kubelet.cgroup(more), "cpu.max")).isEqualTo("200000 100000");
    }

    @Test
    void classMayNotChange() {
        RunningPod pod = kubelet.run(pod(Wants.guaranteed(Amounts.of(2, 1)), app("a", Wants.NONE)));
        PodManifest burstable = pod.manifest().resizedTo(Wants.requested(Amounts.of(2, 1)));
        assertThatThrownBy(() -> kubelet.resize(pod, burstable))
                .hasMessage("Pod QOS Class may not change as a result of resizing");
    }

    @Test
    void removedPodLeavesNothing() {
        RunningPod pod = kubelet.run(pod(Wants.guaranteed(Amounts.of(2, 1)), app("a", Wants.NONE)));
        kubelet.stop(pod);
        kubelet.remove(pod);
        assertThat(kernel.children(KUBEPODS)).containsExactly("besteffort", "burstable");
    }
}
