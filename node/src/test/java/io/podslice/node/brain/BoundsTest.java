package io.podslice.node.brain;

import static io.podslice.node.brain.BrainFixture.GI;
import static io.podslice.node.brain.BrainFixture.MACHINE;
import static io.podslice.node.brain.BrainFixture.cpuAndMemory;
import static io.podslice.node.brain.BrainFixture.idOf;
import static io.podslice.node.brain.BrainFixture.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.managers.pod.MemoryQos;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceRequirements;
import io.podslice.node.Bounds;
import io.podslice.node.NodeConfig;
import io.podslice.node.NodeProtection;
import io.podslice.node.NodeRequest;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.Refusal;
import io.podslice.node.ResizeAnswer;
import io.podslice.node.ResizeRequest;
import io.podslice.node.RuntimeContents;
import io.podslice.node.Verdict;
import io.podslice.node.state.NodeState;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The administrator's bounds: a pod or a resize that goes beyond is refused by the bound's name, with both numbers. */
final class BoundsTest {
    private static final Bounds NONE = Bounds.NONE;

    private static BrainFixture node(Bounds bounds) {
        return new BrainFixture(MACHINE, NodeConfig.DEFAULT.withBounds(bounds));
    }

    private static Bounds perPod(int cpus) {
        return new Bounds(Set.of(), OptionalInt.of(cpus), OptionalInt.empty(), 100, 1, OptionalLong.empty());
    }

    private static Bounds perNamespace(int cpus) {
        return new Bounds(Set.of(), OptionalInt.empty(), OptionalInt.of(cpus), 100, 1, OptionalLong.empty());
    }

    private static Bounds percent(int percent) {
        return new Bounds(Set.of(), OptionalInt.empty(), OptionalInt.empty(), percent, 1, OptionalLong.empty());
    }

    private static Bounds pool(int cpus) {
        return new Bounds(Set.of(), OptionalInt.empty(), OptionalInt.empty(), 100, cpus, OptionalLong.empty());
    }

    private static Bounds namespaces(String... names) {
        return new Bounds(Set.of(names), OptionalInt.empty(), OptionalInt.empty(), 100, 1, OptionalLong.empty());
    }

    private static Map<String, String> budget(int cpus) {
        String amounts = "{'cpu':'" + cpus + "','memory':'1Gi'}";
        return spec("{'resources':{'requests':" + amounts + ",'limits':" + amounts + "},'containers':[{'name':'a'}]}");
    }

    private static PodSandboxRequest pod(String namespace, String name, Map<String, String> annotations) {
        return new PodSandboxRequest(
                "uid-" + name,
                namespace,
                name,
                0,
                "/kubepods/pod" + name,
                Map.of(),
                annotations,
                LinuxResources.NONE,
                LinuxResources.NONE);
    }

    private static @Nullable Refusal run(BrainFixture node, String namespace, String name, int cpus) {
        return node.run(pod(namespace, name, budget(cpus)), "sb-" + name);
    }

    private static String refused(BrainFixture node, String namespace, String name, int cpus) {
        Map<String, String> before = node.files.everything();
        Refusal refusal = run(node, namespace, name, cpus);
        assertThat(node.files.everything()).isEqualTo(before);
        if (refusal == null) {
            throw new AssertionError("not refused");
        }
        return refusal.text();
    }

    // ---- At admission

    @Test
    void onlyListedNamespacesMayUseTheKnobs() {
        BrainFixture node = node(namespaces("databases", "kube-system"));

        assertThat(run(node, "databases", "db", 4)).isNull();
        assertThat(refused(node, "shop", "web", 4))
                .isEqualTo(
                        "BoundExceeded: annotation \"podslice.io/pod-spec\": namespace \"shop\" may not use annotations"
                                + " of podslice.io/; bounds.namespaces is [databases, kube-system]; without them the pod runs as on"
                                + " any node");
        assertThat(node.run(pod("shop", "knob", Map.of("podslice.io/exclusive.a", "true")), "sb-k"))
                .extracting(Refusal::text)
                .asString()
                .contains("annotation \"podslice.io/exclusive.a\": namespace \"shop\"");
        assertThat(node.run(pod("shop", "plain", Map.of()), "sb-p")).isNull();
    }

    @Test
    void onePodHasNoMoreCpusForItselfThanItsBound() {
        BrainFixture node = node(perPod(8));

        assertThat(run(node, "default", "eight", 8)).isNull();
        assertThat(refused(node, "default", "nine", 9))
                .isEqualTo(
                        "BoundExceeded: asked 9 CPUs, the bound leaves 8, at most 8 would fit; pod default/nine would have 9 CPUs for itself; bounds.exclusiveCPUsPerPod is 8;"
                                + " at most 8 would fit");
        assertThat(refused(node(perPod(0)), "default", "one", 1)).contains("is 0; none would fit");
    }

    @Test
    void aNamespaceHasNoMoreCpusForItselfThanItsBound() {
        BrainFixture node = node(perNamespace(10));

        assertThat(run(node, "shop", "a", 6)).isNull();
        assertThat(run(node, "other", "b", 8)).isNull();
        assertThat(refused(node, "shop", "c", 6))
                .isEqualTo(
                        "BoundExceeded: asked 6 CPUs, the bound leaves 4, at most 4 would fit; pod shop/c asks for 6 CPUs for itself, and other pods of namespace \"shop\" have"
                                + " 6; bounds.exclusiveCPUsPerNamespace is 10; at most 4 would fit");
        assertThat(run(node, "shop", "d", 4)).isNull();
    }

    @Test
    void aShareOfTheNodeStaysForAll() {
        BrainFixture node = node(percent(50));

        assertThat(run(node, "a", "a", 10)).isNull();
        assertThat(refused(node, "b", "b", 8))
                .isEqualTo(
                        "BoundExceeded: asked 8 CPUs, the bound leaves 6, at most 6 would fit; pod b/b asks for 8 CPUs for itself, and other pods have 10; of 32 CPUs"
                                + " bounds.exclusivePercent 50 allows 16; at most 6 would fit");
        assertThat(run(node, "c", "c", 6)).isNull();
        assertThat(refused(node(percent(0)), "a", "a", 1)).contains("of 32 CPUs bounds.exclusivePercent 0 allows 0");
    }

    @Test
    void theNodeSharedPoolKeepsItsSize() {
        BrainFixture node = node(pool(20));

        assertThat(run(node, "a", "a", 10)).isNull();
        assertThat(refused(node, "b", "b", 4))
                .contains(
                        "BoundExceeded: asked 4 CPUs, the bound leaves 2, at most 2 would fit; pod b/b asks for 4 CPUs for itself, which would leave 18 (")
                .endsWith(") in the node shared pool; bounds.sharedPoolCPUs is 20; at most 2 would fit");
        assertThat(node.brain.snapshot().nodeSharedPool().size()).isEqualTo(22);
        assertThat(run(node, "c", "c", 2)).isNull();
    }

    @Test
    void protectedMemoryHasABound() {
        MemoryQos qos = new MemoryQos(true, OptionalDouble.empty(), 4096, 64 * GI);
        Bounds bounds = new Bounds(Set.of(), OptionalInt.empty(), OptionalInt.empty(), 100, 1, OptionalLong.of(3 * GI));
        BrainFixture node = new BrainFixture(
                MACHINE,
                new NodeConfig(
                        NodeConfig.DEFAULT.policy(),
                        NodeConfig.DEFAULT.kubepods(),
                        NodeConfig.DEFAULT.cfs(),
                        NodeConfig.DEFAULT.lostAfter(),
                        qos,
                        bounds));
        Map<String, String> burstable =
                spec("{'resources':{'requests':{'memory':'1536Mi'}},'containers':[{'name':'a'}]}");

        assertThat(run(node, "a", "a", 1)).isNull();
        assertThat(node.run(pod("b", "b", burstable), "sb-b")).isNull();
        assertThat(refused(node, "c", "c", 1))
                .isEqualTo(
                        "BoundExceeded: asked 1Gi guarded, the bound leaves 512Mi, that would fit; pod c/c asks for 1Gi of memory that is protected from reclaim (memory.min,"
                                + " memory.low), and other pods have 2560Mi; bounds.guardedMemory is 3Gi; at most 512Mi would fit");
        assertThat(node.brain.snapshot().memoryProtection()).isEqualTo(new NodeProtection(GI, 1536L << 20));
    }

    @Test
    void theAdministratorMayForbidIsolatedPartitions() {
        BrainFixture node = node(
                new Bounds(Set.of(), OptionalInt.empty(), OptionalInt.empty(), 100, 1, OptionalLong.empty(), false));
        Map<String, String> isolated = new TreeMap<>(budget(2));
        isolated.put("podslice.io/isolated.a", "true");
        Map<String, String> balanced = new TreeMap<>(budget(2));
        balanced.put("podslice.io/isolated.a", "false");

        assertThat(String.valueOf(node.run(pod("a", "a", isolated), "sb-a")))
                .contains("podslice.io/isolated.a")
                .contains("bounds.isolated is false");
        assertThat(node.run(pod("b", "b", balanced), "sb-b")).isNull();
    }

    @Test
    void aPodThatAsksNothingSharesInsteadOfBeingRefused() {
        BrainFixture node = node(perPod(3));

        assertThat(node.run(node.pod("four", "/kubepods/podfour", Map.of(), cpuAndMemory(4000, GI)), "sb1"))
                .isNull();
        assertThat(node.brain.snapshot().exclusiveCpus()).isEqualTo(CpuSet.empty());
        assertThat(node.brain.snapshot().nodeSharedPool()).isEqualTo(MACHINE.cpuSet());
    }

    @Test
    void aContainerThatGetsItsCpusAsItComesIsBoundToo() {
        BrainFixture node = node(perPod(3));
        PodSandboxRequest knob = node.pod(
                "knob",
                "/kubepods/burstable/podknob",
                Map.of("podslice.io/exclusive.a", "true"),
                cpuAndMemory(500, GI));
        assertThat(node.run(knob, "sb1")).isNull();

        Verdict four =
                node.decide(new NodeRequest.CreateContainer(node.container(knob, "sb1", "a", cpuAndMemory(4000, GI))));

        assertThat(four)
                .isInstanceOfSatisfying(
                        Verdict.Refuse.class,
                        refuse -> assertThat(refuse.refusal().text())
                                .isEqualTo(
                                        "BoundExceeded: asked 4 CPUs, the bound leaves 3, at most 3 would fit; pod default/knob would have 4 CPUs for itself;"
                                                + " bounds.exclusiveCPUsPerPod is 3; at most 3 would fit"));
    }

    // ---- At a resize

    private static ResizeAnswer resize(BrainFixture node, String namespace, String name, int cpus) {
        ResourceList amounts = ResourceList.of(Integer.toString(cpus), "1Gi");
        return node.brain.resize(new ResizeRequest(
                namespace, name, Optional.of(new ResourceRequirements(amounts, amounts)), new TreeMap<>(), 0, false));
    }

    private static @Nullable Refusal resizeByCri(BrainFixture node, String name, int cpus) {
        return switch (node.decide(new NodeRequest.UpdatePodSandbox(
                "sb-" + name, Map.of(), LinuxResources.NONE, cpuAndMemory(1000L * cpus, GI)))) {
            case Verdict.Refuse(Refusal refusal) -> refusal;
            case Verdict.Proceed proceed -> BrainFixture.complete(proceed, "sb-" + name);
        };
    }

    @Test
    void resizesObeyTheBoundsByBothWays() {
        BrainFixture node = node(perPod(6));
        run(node, "a", "a", 4);
        Map<String, String> before = node.files.everything();

        assertThat(resize(node, "a", "a", 8))
                .isInstanceOfSatisfying(
                        ResizeAnswer.Infeasible.class,
                        answer -> assertThat(answer.refusal().text())
                                .isEqualTo(
                                        "Infeasible: asked 8 CPUs, the bound leaves 6, at most 6 would fit; pod a/a would have 8 CPUs for itself; bounds.exclusiveCPUsPerPod is 6; at"
                                                + " most 6 would fit"));
        assertThat(resizeByCri(node, "a", 8))
                .extracting(Refusal::text)
                .asString()
                .startsWith(
                        "Infeasible: asked 8 CPUs, the bound leaves 6, at most 6 would fit; pod a/a would have 8 CPUs for itself; bounds.exclusiveCPUsPerPod is 6");
        assertThat(node.files.everything()).isEqualTo(before);
        assertThat(resizeByCri(node, "a", 6)).isNull();
        assertThat(node.view("a").cpus().size()).isEqualTo(6);
    }

    @Test
    void aResizeThatOthersHinderWaitsForThem() {
        BrainFixture node = node(perNamespace(8));
        run(node, "shop", "a", 4);
        run(node, "shop", "b", 4);

        assertThat(resize(node, "shop", "a", 6))
                .isInstanceOfSatisfying(
                        ResizeAnswer.Deferred.class,
                        answer -> assertThat(answer.refusal().text())
                                .isEqualTo(
                                        "Deferred: asked 6 CPUs, the bound leaves 4, at most 4 would fit; pod shop/a asks for 6 CPUs for itself, and other pods of namespace \"shop\""
                                                + " have 4; bounds.exclusiveCPUsPerNamespace is 8; at most 4 would fit"));
        assertThat(resize(node, "shop", "b", 2)).isInstanceOf(ResizeAnswer.Done.class);

        node.brain.sweep();

        assertThat(node.view("a").cpus().size()).isEqualTo(6);
    }

    @Test
    void aContainersOwnCpusObeyTheBoundOfItsPod() {
        Map<String, String> two = spec("{'containers':[{'name':'a','resources':{'requests':{'cpu':'2','memory':'1Gi'},"
                + "'limits':{'cpu':'2','memory':'1Gi'}}}]}");
        BrainFixture node = node(perPod(3));
        PodSandboxRequest pod = pod("x", "x", two);
        assertThat(node.run(pod, "sb-x")).isNull();
        node.create(pod, "sb-x", "a", cpuAndMemory(2000, GI));

        Verdict verdict =
                node.decide(new NodeRequest.UpdateContainer(idOf("sb-x", "a"), Map.of(), cpuAndMemory(4000, GI)));

        assertThat(verdict)
                .isInstanceOfSatisfying(
                        Verdict.Refuse.class,
                        refuse -> assertThat(refuse.refusal().text())
                                .startsWith(
                                        "Infeasible: asked 4 CPUs, the bound leaves 3, at most 3 would fit; pod x/x would have 4 CPUs for itself; bounds.exclusiveCPUsPerPod is 3"));
        assertThat(node.cpusOf("x", "a").size()).isEqualTo(2);
    }

    // ---- What a pod has stays

    private static void restart(BrainFixture node, Bounds bounds) {
        node.config = NodeConfig.DEFAULT.withBounds(bounds);
        node.start();
    }

    @Test
    void aLoweredBoundTakesNothingFromAPodThatRuns() {
        for (Bounds lowered : List.of(perPod(2), perNamespace(2), percent(5), pool(31), namespaces("other"))) {
            BrainFixture node = node(NONE);
            run(node, "a", "a", 4);
            CpuSet had = node.view("a").cpus();

            restart(node, lowered);

            assertThat(node.view("a").cpus()).isEqualTo(had);
            assertThat(run(node, "a", "a", 4))
                    .as("a new sandbox under %s", lowered)
                    .isNull();
            assertThat(node.view("a").cpus()).isEqualTo(had);
            assertThat(resize(node, "a", "a", 3)).as("less under %s", lowered).isInstanceOf(ResizeAnswer.Done.class);
            if (lowered.namespaces().isEmpty()) {
                assertThat(resize(node, "a", "a", 4))
                        .as("more under %s", lowered)
                        .isNotInstanceOf(ResizeAnswer.Done.class);
            }
        }
    }

    @Test
    void aPodThatRunsKeepsItsCpusWhenTheStateIsLost() throws IOException {
        for (Bounds lowered : List.of(perPod(2), perNamespace(2), percent(5), pool(31), namespaces("other"))) {
            BrainFixture node = node(NONE);
            PodSandboxRequest pod = pod("a", "a", budget(4));
            node.run(pod, "sb-a");
            LinuxResources resources = node.create(pod, "sb-a", "a");
            node.files.set(new CgroupPath(pod.cgroupParent() + "/sb-a"), "cpuset.cpus", resources.cpusetCpus());
            CpuSet had = node.view("a").cpus();
            node.store.saved = NodeState.EMPTY;

            restart(node, lowered);
            node.brain.synchronize(known -> new RuntimeContents(
                    List.of(new RuntimeContents.Sandbox("sb-a", pod, true, 1)),
                    List.of(new RuntimeContents.Container(idOf("sb-a", "a"), "sb-a", "a", true, 2, resources))));

            assertThat(node.view("a").cpus()).as("under %s", lowered).isEqualTo(had);
            assertThat(node.view("a").inferred()).isFalse();
        }
    }
}
