package io.podslice.node.brain;

import static io.podslice.node.brain.BrainFixture.GI;
import static io.podslice.node.brain.BrainFixture.cpuAndMemory;
import static io.podslice.node.brain.BrainFixture.idOf;
import static io.podslice.node.brain.BrainFixture.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CgroupException;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.Errno;
import io.podslice.managers.placement.PlacementPolicy;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.managers.topology.TopologyPolicy;
import io.podslice.managers.topology.TopologyScope;
import io.podslice.node.NodeEvent;
import io.podslice.node.NodeRequest;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.Refusal;
import io.podslice.node.Verdict;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A Guaranteed pod that no annotation describes is pinned by inference, and follows its resizes or has them refused. */
final class InferredResizeTest {
    private final BrainFixture node = new BrainFixture();

    /** Runs a pod of 2 CPUs as the kubelet does: "app" has one CPU for itself, "side" the other. */
    private PodSandboxRequest run() {
        node.files.makeAll("/kubepods/podk");
        PodSandboxRequest pod = node.pod("k", "/kubepods/podk", Map.of(), cpuAndMemory(2000, 2 * GI));
        assertThat(node.run(pod, "sb")).isNull();
        node.create(pod, "sb", "app", cpuAndMemory(1000, GI));
        node.create(pod, "sb", "side", cpuAndMemory(1000, GI));
        assertThat(node.cpusOf("k", "app").size()).isEqualTo(1);
        return pod;
    }

    private @Nullable Refusal resizePod(long milli, long bytes) {
        return resizePod(cpuAndMemory(milli, bytes));
    }

    private @Nullable Refusal resizePod(LinuxResources to) {
        return switch (node.decide(new NodeRequest.UpdatePodSandbox("sb", Map.of(), LinuxResources.NONE, to))) {
            case Verdict.Refuse(Refusal refusal) -> refusal;
            case Verdict.Proceed proceed -> BrainFixture.complete(proceed, "sb");
        };
    }

    private @Nullable Refusal resize(String container, long milli) {
        String id = idOf("sb", container);
        return switch (node.decide(new NodeRequest.UpdateContainer(id, Map.of(), cpuAndMemory(milli, GI)))) {
            case Verdict.Refuse(Refusal refusal) -> refusal;
            case Verdict.Proceed proceed -> BrainFixture.complete(proceed, id);
        };
    }

    private static String text(@Nullable Refusal refusal) {
        return Objects.requireNonNull(refusal).text();
    }

    private CpuSet ofCgroup(String container) {
        return CpuSet.parse(node.files.get("/kubepods/podk/" + idOf("sb", container), "cpuset.cpus"));
    }

    /** Leaves that many CPUs free for pods. */
    private PodSandboxRequest others(int free) {
        int cpus = BrainFixture.MACHINE.cpuSet().size()
                - 1
                - free
                - node.view("k").cpus().size();
        String amounts = "{'cpu':'" + cpus + "','memory':'1Gi'}";
        PodSandboxRequest pod = node.pod(
                "big",
                "/kubepods/podbig",
                spec("{'resources':{'requests':" + amounts + ",'limits':" + amounts
                        + "},'containers':[{'name':'a'}]}"));
        assertThat(node.run(pod, "sb-big")).isNull();
        return pod;
    }

    @Test
    void itsSetAndItsSlicesGrowAndShrinkInTheKubeletsOrder() {
        run();
        CpuSet app = node.cpusOf("k", "app");

        // Up: the pod's limit, its request, its containers.
        assertThat(resizePod(cpuAndMemory(3000, 2 * GI).withCpuShares(2048))).isNull();
        assertThat(resizePod(3000, 2 * GI)).isNull();
        assertThat(resize("app", 2000)).isNull();

        assertThat(node.view("k").cpus().size()).isEqualTo(3);
        assertThat(node.cpusOf("k", "app").size()).isEqualTo(2);
        assertThat(node.cpusOf("k", "app").containsAll(app)).isTrue();
        assertThat(ofCgroup("app")).isEqualTo(node.cpusOf("k", "app"));
        assertThat(ofCgroup("side").size()).isEqualTo(1);
        assertThat(ofCgroup("side").intersects(ofCgroup("app"))).isFalse();
        assertThat(node.files.get("/kubepods/podk", "cpu.max")).isEqualTo("300000 100000");

        // Down: its containers, its request, its limit.
        assertThat(resize("app", 1000)).isNull();
        assertThat(resizePod(cpuAndMemory(3000, 2 * GI).withCpuShares(2048))).isNull();
        assertThat(resizePod(2000, 2 * GI)).isNull();

        assertThat(node.view("k").cpus().size()).isEqualTo(2);
        assertThat(ofCgroup("app")).isEqualTo(app);
        assertThat(ofCgroup("side").size()).isEqualTo(1);
    }

    @Test
    void whatDoesNotFitIsRefusedWithTheNumbersAndNothingChanges() {
        run();
        others(0);
        Map<String, String> files = node.files.everything();

        Refusal refusal = resizePod(3000, 2 * GI);

        assertThat(text(refusal))
                .startsWith("Deferred: asked 3 CPUs, 0 free, 2 fit; asked 3 CPUs, 1 more than the pod's 2 (0,16); ");
        assertThat(node.files.everything()).isEqualTo(files);
        assertThat(node.view("k").cpus().size()).isEqualTo(2);
        assertThat(node.view("k").cgroupValues()).containsEntry("cpu.max", "200000 100000");
    }

    @Test
    void theKubeletsNextTryHasTheCpuThatHasComeFree() {
        run();
        PodSandboxRequest big = others(0);
        assertThat(resizePod(3000, 2 * GI)).isNotNull();

        node.stopSandbox(big, "sb-big");

        assertThat(resizePod(3000, 2 * GI)).isNull();
        assertThat(resize("app", 2000)).isNull();
        assertThat(node.cpusOf("k", "app").size()).isEqualTo(2);
    }

    @Test
    void fractionsAreRefusedWithTheNumbers() {
        run();
        assertThat(text(resizePod(2500, 2 * GI)))
                .isEqualTo("Infeasible: asked a CPU limit of 2500m; the pod has 2 CPUs of its own (0,16), which come"
                        + " whole: ask for 3");
        assertThat(text(resize("app", 1500)))
                .isEqualTo("Infeasible: container \"app\" asked 1500m CPU; it has 1 CPUs for itself (0), which come"
                        + " whole: ask for 2");
        assertThat(node.cpusOf("k", "app").size()).isEqualTo(1);
    }

    @Test
    void aSliceThatLeavesNothingToTheOthersIsRefusedWithTheNumbers() {
        run();

        assertThat(text(resize("app", 2000)))
                .isEqualTo(
                        "Infeasible: asked 2 CPUs, 1 free in the pod shared pool, 1 fit; container \"app\" asked 2 CPUs for itself; it has 1 (0); the pod shared pool has"
                                + " 1 (16) and keeps one; at most 1 would fit into the pod's 2 CPUs");
    }

    @Test
    void memoryInUseIsRefusedWithTheNumbers() {
        run();
        node.files.set(new CgroupPath("/kubepods/podk"), "memory.current", Long.toString(GI + GI / 2));

        assertThat(text(resizePod(2000, GI)))
                .startsWith("Deferred: cannot decrease memory limits: attempting to set pod memory limit (1073741824)"
                        + " below current usage (1610612736)");
        assertThat(node.files.get("/kubepods/podk", "memory.high")).isEqualTo("max");
    }

    @Test
    void aResizeThatTheKernelRefusesIsRefused() {
        run();
        node.files.beforeWrite = (file, value) -> {
            if (file.equals("/kubepods/burstable/cpuset.cpus")) {
                throw new CgroupException(Errno.EBUSY, file, value, "writing");
            }
        };

        Refusal refusal = resizePod(3000, 2 * GI);

        assertThat(text(refusal)).startsWith("PodsliceError: ").contains("EBUSY");
        assertThat(node.view("k").cpus().size()).isEqualTo(2);
    }

    @Test
    void aPodThatSharesIsResizedWhateverItAsks() {
        node.files.makeAll("/kubepods/podk");
        PodSandboxRequest pod = node.pod("k", "/kubepods/podk", Map.of(), cpuAndMemory(1500, GI));
        assertThat(node.run(pod, "sb")).isNull();
        node.create(pod, "sb", "app", cpuAndMemory(1500, GI));

        assertThat(resizePod(400_000, GI)).isNull();
        assertThat(resize("app", 400_000)).isNull();
    }

    @Test
    void inAPodWithoutASetTheSliceGrowsOutOfTheNodes() {
        BrainFixture other = new BrainFixture(
                BrainFixture.MACHINE,
                BrainFixture.withPolicy(PlacementPolicy.DEFAULT.withTopologyManager(
                        TopologyPolicy.BEST_EFFORT, TopologyScope.CONTAINER)));
        PodSandboxRequest pod = other.pod("k", "/kubepods/podk", Map.of(), cpuAndMemory(3000, 3 * GI));
        assertThat(other.run(pod, "sb")).isNull();
        other.create(pod, "sb", "app", cpuAndMemory(2000, GI));
        other.create(pod, "sb", "side", cpuAndMemory(500, GI));
        CpuSet had = other.cpusOf("k", "app");
        assertThat(had.size()).isEqualTo(2);

        String id = idOf("sb", "app");
        Verdict verdict = other.decide(new NodeRequest.UpdateContainer(id, Map.of(), cpuAndMemory(4000, GI)));

        assertThat(BrainFixture.complete((Verdict.Proceed) verdict, id)).isNull();
        assertThat(other.cpusOf("k", "app").size()).isEqualTo(4);
        assertThat(other.cpusOf("k", "app").containsAll(had)).isTrue();
        assertThat(CpuSet.parse(other.files.get("/kubepods/burstable", "cpuset.cpus"))
                        .intersects(other.cpusOf("k", "app")))
                .isFalse();
    }

    @Test
    void aSandboxMadeAnewKeepsThePodsCpusAndHasItsNewTotals() {
        PodSandboxRequest pod = run();
        CpuSet had = node.view("k").cpus();
        CpuSet app = node.cpusOf("k", "app");
        node.stopSandbox(pod, "sb");

        assertThat(node.run(again(pod, 3000), "sb1")).isNull();

        assertThat(node.view("k").cpus().size()).isEqualTo(3);
        assertThat(node.view("k").cpus().containsAll(had)).isTrue();
        assertThat(CpuSet.parse(
                        node.create(pod, "sb1", "app", cpuAndMemory(2000, GI)).cpusetCpus()))
                .satisfies(
                        now -> assertThat(now.size()).isEqualTo(2),
                        now -> assertThat(now.containsAll(app)).isTrue());
    }

    @Test
    void aSandboxMadeAnewWithMoreThanThereIsGetsTheRestWhenItComesFree() {
        PodSandboxRequest pod = run();
        PodSandboxRequest big = others(0);
        CpuSet had = node.view("k").cpus();
        node.stopSandbox(pod, "sb");

        assertThat(node.run(again(pod, 3000), "sb1")).isNull();
        assertThat(node.view("k").cpus()).isEqualTo(had);

        node.stopSandbox(big, "sb-big");
        node.brain.sweep();
        assertThat(node.view("k").cpus().size()).isEqualTo(3);
        assertThat(node.view("k").cpus().containsAll(had)).isTrue();
    }

    private static PodSandboxRequest again(PodSandboxRequest pod, long milli) {
        return new PodSandboxRequest(
                pod.uid(),
                pod.namespace(),
                pod.name(),
                1,
                pod.cgroupParent(),
                pod.labels(),
                pod.annotations(),
                cpuAndMemory(milli, 2 * GI),
                pod.overhead());
    }

    @Test
    void aContainerOfAPodWithAKnobAloneKeepsItsOwnLimitWhenThePodIsResized() {
        PodSandboxRequest pod = node.pod(
                "k",
                "/kubepods/burstable/podk",
                Map.of("podslice.io/exclusive.app", "true"),
                cpuAndMemory(4000, 4 * GI));
        assertThat(node.run(pod, "sb")).isNull();
        node.create(pod, "sb", "app", cpuAndMemory(2000, GI));
        node.create(pod, "sb", "side", cpuAndMemory(500, GI));

        assertThat(resizePod(5000, 5 * GI)).isNull();

        CgroupPath side = new CgroupPath("/kubepods/burstable/podk/" + idOf("sb", "side"));
        assertThat(node.files.read(side, "cpu.max")).isEqualTo("50000 100000");
        assertThat(node.files.read(side, "memory.max")).isEqualTo(Long.toString(GI));
        assertThat(resize("app", 3000)).isNull();
        assertThat(node.cpusOf("k", "app").size()).isEqualTo(3);
    }

    @Test
    void aContainerThatEndsAndComesAnewHasTheCpusOfItsNewValues() {
        PodSandboxRequest pod = run();
        assertThat(resizePod(3000, 2 * GI)).isNull();
        node.brain.happened(new NodeEvent.ContainerStopped(idOf("sb", "app")));

        assertThat(CpuSet.parse(node.create(pod, "sb", "app", cpuAndMemory(2000, GI))
                                .cpusetCpus())
                        .size())
                .isEqualTo(2);
    }
}
