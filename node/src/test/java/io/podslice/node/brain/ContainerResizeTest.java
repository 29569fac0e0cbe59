package io.podslice.node.brain;

import static io.podslice.node.brain.BrainFixture.GI;
import static io.podslice.node.brain.BrainFixture.cpuAndMemory;
import static io.podslice.node.brain.BrainFixture.idOf;
import static io.podslice.node.brain.BrainFixture.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.managers.pod.LiftedQuota;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceRequirements;
import io.podslice.node.NodeRequest;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.ResizeAnswer;
import io.podslice.node.ResizeRequest;
import io.podslice.node.RuntimeUpdates;
import io.podslice.node.Verdict;
import io.podslice.node.change.PodCgroup;
import io.podslice.node.state.PodState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Updates of containers, and the runtime's notifications of resizes that were made without it. */
final class ContainerResizeTest {
    private static final Map<String, String> PINNED = spec("""
            {'resources':{'requests':{'cpu':'4','memory':'8Gi'},'limits':{'cpu':'4','memory':'8Gi'}},
             'containers':[
               {'name':'db','resources':{'requests':{'cpu':'2','memory':'4Gi'},'limits':{'cpu':'2','memory':'4Gi'}}},
               {'name':'log'}]}""");
    private static final Map<String, String> PLAIN = spec("""
            {'containers':[
               {'name':'one','resources':{'requests':{'cpu':'2','memory':'4Gi'},'limits':{'cpu':'2','memory':'4Gi'}}},
               {'name':'two','resources':{'requests':{'cpu':'1','memory':'1Gi'},'limits':{'cpu':'1','memory':'1Gi'}}}]}""");

    private final BrainFixture node = new BrainFixture();

    private PodSandboxRequest run(String name, Map<String, String> annotations, String... containers) {
        PodSandboxRequest pod = node.pod(name, "/kubepods/pod" + name, annotations);
        node.run(pod, "sb-" + name);
        for (String container : containers) {
            node.create(pod, "sb-" + name, container);
        }
        node.steps.clear();
        return pod;
    }

    private Verdict update(String pod, String container, LinuxResources to) {
        Verdict verdict = node.decide(new NodeRequest.UpdateContainer(idOf("sb-" + pod, container), Map.of(), to));
        if (verdict instanceof Verdict.Proceed proceed) {
            LinuxResources kept = proceed.resources() == null ? to : proceed.resources();
            node.files.set(
                    new CgroupPath("/kubepods/pod" + pod + "/" + idOf("sb-" + pod, container)),
                    "cpu.max",
                    PodCgroup.cpuMax(LiftedQuota.quotaInForce(kept), kept.cpuPeriodMicros()));
            assertThat(BrainFixture.complete(proceed, "")).isNull();
        }
        return verdict;
    }

    private PodState state(String pod) {
        return node.store.saved.pod("uid-" + pod).orElseThrow();
    }

    private static ResourceRequirements guaranteed(String cpu, String memory) {
        ResourceList amounts = ResourceList.of(cpu, memory);
        return new ResourceRequirements(amounts, amounts);
    }

    @Test
    void aSliceGrowsOutOfThePodsPoolAndGoesBackIntoIt() {
        run("p", PINNED, "db", "log");

        assertThat(update("p", "db", cpuAndMemory(3000, 4 * GI)))
                .isInstanceOfSatisfying(
                        Verdict.Proceed.class,
                        it -> assertThat(it.resources())
                                .isEqualTo(cpuAndMemory(3000, 4 * GI)
                                        .withCpuset("0-1,16", "")
                                        .withUnified(Map.of("cpu.max", "max 100000"))));

        // The others of the pod have given it before.
        assertThat(node.steps)
                .containsExactly(
                        "write /kubepods/podp/sb-p/cpuset.cpus: 1,17 -> 17",
                        "write /kubepods/podp/sb-p-log/cpuset.cpus: 1,17 -> 17",
                        "write /kubepods/podp/sb-p-db/cpuset.cpus: 0,16 -> 0-1,16");
        assertThat(state("p").spec().orElseThrow().container("db").orElseThrow().resources())
                .isEqualTo(guaranteed("3", "4Gi"));

        update("p", "db", cpuAndMemory(2000, 4 * GI));
        assertThat(node.cpusOf("p", "db")).isEqualTo(CpuSet.parse("0,16"));
        assertThat(node.cpusOf("p", "log")).isEqualTo(CpuSet.parse("1,17"));
    }

    @Test
    void aSliceThatLeavesNothingToTheOthersIsInfeasible() {
        run("p", PINNED, "db", "log");

        assertThat(update("p", "db", cpuAndMemory(4000, 4 * GI)))
                .isInstanceOfSatisfying(
                        Verdict.Refuse.class,
                        it -> assertThat(it.refusal().text())
                                .isEqualTo(
                                        "Infeasible: asked 4 CPUs, 2 free in the pod shared pool, 3 fit; container \"db\" asked 4 CPUs for itself; it has 2 (0,16); the pod"
                                                + " shared pool has 2 (1,17) and keeps one; at most 3 would fit into the pod's 4 CPUs"));
        assertThat(node.steps).isEmpty();
        assertThat(state("p").pending().orElseThrow().isRetried()).isFalse();

        update("p", "db", cpuAndMemory(3000, 4 * GI));
        assertThat(state("p").pending()).isEmpty();
    }

    @Test
    void whatTheRuntimeRefusesIsTakenBack() {
        run("p", PINNED, "db", "log");
        Map<String, String> files = node.files.everything();
        PodState before = state("p");

        Verdict.Proceed proceed = (Verdict.Proceed)
                node.decide(new NodeRequest.UpdateContainer(idOf("sb-p", "db"), Map.of(), cpuAndMemory(3000, 4 * GI)));
        proceed.completion().failed();

        assertThat(node.files.everything()).isEqualTo(files);
        assertThat(state("p")).isEqualTo(before);
    }

    @Test
    void inAPodWithoutASetASliceGrowsOutOfTheNodes() {
        run("q", PLAIN, "one", "two");
        CpuSet one = node.cpusOf("q", "one");

        update("q", "one", cpuAndMemory(4000, 4 * GI));

        CpuSet grown = node.cpusOf("q", "one");
        assertThat(grown.size()).isEqualTo(4);
        assertThat(grown.containsAll(one)).isTrue();
        assertThat(grown.intersects(node.cpusOf("q", "two"))).isFalse();
        assertThat(node.files.get("/kubepods/podq/sb-q-one", "cpuset.cpus")).isEqualTo(grown.toString());
        assertThat(CpuSet.parse(node.files.get("/kubepods/burstable", "cpuset.cpus"))
                        .intersects(grown))
                .isFalse();

        update("q", "one", cpuAndMemory(2000, 4 * GI));
        assertThat(node.cpusOf("q", "one")).isEqualTo(one);
    }

    @Test
    void aContainerThatInheritsItsPodsLimitGoesOnInheritingIt() {
        run("p", PINNED, "db", "log");

        // Down, the kubelet's way: the container before the pod.
        update("p", "log", cpuAndMemory(3000, 8 * GI).withCpuShares(2));
        Verdict.Proceed pod = (Verdict.Proceed) node.decide(
                new NodeRequest.UpdatePodSandbox("sb-p", Map.of(), LinuxResources.NONE, cpuAndMemory(3000, 8 * GI)));
        assertThat(BrainFixture.complete(pod, "sb-p")).isNull();

        PodState after = state("p");
        assertThat(after.spec().orElseThrow().container("log").orElseThrow().resources())
                .isEqualTo(ResourceRequirements.NONE);
        assertThat(after.container(idOf("sb-p", "log")).orElseThrow().inheritsCpu())
                .isTrue();
        assertThat(after.spec().orElseThrow().resources()).isEqualTo(guaranteed("3", "8Gi"));
    }

    @Test
    void whoSharesCannotComeToHaveCpusForItselfWhileItRuns() {
        run("p", PINNED, "db", "log");

        ResizeAnswer answer = node.brain.resize(new ResizeRequest(
                "default", "p", Optional.empty(), new TreeMap<>(Map.of("log", guaranteed("1", "1Gi"))), 0, false));

        assertThat(answer)
                .isInstanceOfSatisfying(
                        ResizeAnswer.Infeasible.class,
                        it -> assertThat(it.refusal().message())
                                .startsWith("container \"log\" asked 1 CPU, with which it would have CPUs for itself"));
    }

    @Test
    void theRuntimeIsToldOfWhatWasResizedWithoutIt() {
        List<String> told = new ArrayList<>();
        boolean[] answers = {false};
        node.runtime = new RuntimeUpdates() {
            @Override
            public boolean isConnected() {
                return true;
            }

            @Override
            public boolean update(String containerId, LinuxResources resources) {
                told.add(containerId + " " + resources.cpusetCpus() + " " + resources.cpuQuotaMicros() + " "
                        + resources.memoryLimitBytes());
                return answers[0];
            }

            @Override
            public long storedMemoryLimit(String containerId) {
                return 0;
            }
        };
        node.start();
        run("p", PINNED, "db", "log");

        var _ = node.brain.resize(
                new ResizeRequest("default", "p", Optional.of(guaranteed("6", "8Gi")), new TreeMap<>(), 0, false));

        assertThat(told).containsExactly("sb-p-log 1-2,17-18 600000 8589934592");
        assertThat(state("p").inProgress().orElseThrow().untold()).containsExactly("sb-p-log");

        answers[0] = true;
        node.brain.sweep();
        assertThat(told).hasSize(2);
        assertThat(state("p").inProgress()).isEmpty();
        node.brain.sweep();
        assertThat(told).hasSize(2);
    }

    @Test
    void whoWaitsIsServedInTheKubeletsOrderWhenSomethingFrees() {
        PodSandboxRequest big = run("big", spec("""
                {'resources':{'requests':{'cpu':'22','memory':'8Gi'},'limits':{'cpu':'22','memory':'8Gi'}},
                 'containers':[{'name':'a'}]}"""));
        run("p", PINNED, "db", "log");
        run("r", PINNED, "db", "log");
        assertThat(grow("p", 0)).isInstanceOf(ResizeAnswer.Deferred.class);
        assertThat(grow("r", 9)).isInstanceOf(ResizeAnswer.Deferred.class);
        List<String> order = new ArrayList<>();
        node.files.afterWrite = file -> {
            if (file.endsWith("/cpu.max")) {
                order.add(file);
            }
        };

        node.stopSandbox(big, "sb-big");

        assertThat(order).startsWith("/kubepods/podr/cpu.max");
        assertThat(node.view("p").cpus().size()).isEqualTo(10);
        assertThat(node.view("r").cpus().size()).isEqualTo(10);
        assertThat(state("p").pending()).isEmpty();
    }

    private ResizeAnswer grow(String pod, int priority) {
        return node.brain.resize(new ResizeRequest(
                "default", pod, Optional.of(guaranteed("10", "8Gi")), new TreeMap<>(), priority, false));
    }
}
