package io.podslice.node.brain;

import static io.podslice.node.brain.BrainFixture.GI;
import static io.podslice.node.brain.BrainFixture.MACHINE;
import static io.podslice.node.brain.BrainFixture.cpuAndMemory;
import static io.podslice.node.brain.BrainFixture.spec;
import static io.podslice.node.brain.BrainFixture.withPolicy;
import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.managers.cpu.CpuManagerOptions;
import io.podslice.managers.placement.CpuManagerPolicy;
import io.podslice.managers.placement.MemoryManagerPolicy;
import io.podslice.managers.placement.PlacementPolicy;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceRequirements;
import io.podslice.managers.topology.TopologyPolicy;
import io.podslice.managers.topology.TopologyScope;
import io.podslice.node.Bounds;
import io.podslice.node.NodeConfig;
import io.podslice.node.NodeRequest;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.Refusal;
import io.podslice.node.ResizeAnswer;
import io.podslice.node.ResizeRequest;
import io.podslice.node.Verdict;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The first characters of each refusal for want of resources carry the reason, the request, what is free and what would fit,
 * however long names and lists of CPUs are: the kubelet's events and many tools show no more.
 */
final class RefusalTextsTest {
    private static final PlacementPolicy DEFAULT = PlacementPolicy.DEFAULT;
    private static final PlacementPolicy STRICT =
            DEFAULT.withTopologyManager(TopologyPolicy.SINGLE_NUMA_NODE, TopologyScope.POD);

    /** The longest name of a container, and long for a pod's. */
    private static final String LONG = "a-name-of-sixty-three-characters-which-is-the-most-that-is-all1";

    private static BrainFixture node(PlacementPolicy policy) {
        return new BrainFixture(MACHINE, withPolicy(policy));
    }

    private static PlacementPolicy withMemory(PlacementPolicy policy) {
        return policy.withMemoryManager(MemoryManagerPolicy.STATIC, Map.of());
    }

    private static BrainFixture bounded(OptionalInt perPod, OptionalInt perNamespace, int percent, int pool) {
        return new BrainFixture(
                MACHINE,
                NodeConfig.DEFAULT.withBounds(
                        new Bounds(Set.of(), perPod, perNamespace, percent, pool, OptionalLong.empty())));
    }

    private static String amounts(int cpus, String memory) {
        String amounts = "{'cpu':'" + cpus + "','memory':'" + memory + "'}";
        return "'resources':{'requests':" + amounts + ",'limits':" + amounts + "}";
    }

    private static Map<String, String> budget(int cpus, String memory) {
        return spec("{" + amounts(cpus, memory) + ",'containers':[{'name':'" + LONG + "'}]}");
    }

    /** A pod in which one container has CPUs and memory of its own, and another one shares the rest. */
    private static Map<String, String> pinned(int cpus, int own, String memory, String ownMemory) {
        return spec("{" + amounts(cpus, memory) + ",'containers':[{'name':'" + LONG + "'," + amounts(own, ownMemory)
                + "},{'name':'log'}]}");
    }

    private static @Nullable Refusal run(BrainFixture node, String name, Map<String, String> annotations) {
        PodSandboxRequest pod = node.pod(name + LONG, "/kubepods/pod" + name, annotations);
        return node.run(pod, "sb-" + name);
    }

    private static Refusal refused(BrainFixture node, Map<String, String> annotations) {
        return Objects.requireNonNull(run(node, "new", annotations), "not refused");
    }

    private static Refusal resized(BrainFixture node, String name, String cpus, String memory) {
        ResourceList amounts = ResourceList.of(cpus, memory);
        return switch (node.brain.resize(new ResizeRequest(
                "default",
                name + LONG,
                Optional.of(new ResourceRequirements(amounts, amounts)),
                new TreeMap<>(),
                0,
                false))) {
            case ResizeAnswer.Deferred deferred -> deferred.refusal();
            case ResizeAnswer.Infeasible infeasible -> infeasible.refusal();
            case ResizeAnswer answer -> throw new AssertionError(answer.toString());
        };
    }

    /** A node of which all but 11 CPUs are taken: 4 are free on one NUMA node, 8 on the other. */
    private static BrainFixture busy(PlacementPolicy policy) {
        BrainFixture node = node(policy);
        assertThat(run(node, "one", budget(8, "30Gi"))).isNull();
        assertThat(run(node, "two", budget(4, "20Gi"))).isNull();
        assertThat(run(node, "three", budget(8, "40Gi"))).isNull();
        return node;
    }

    private static Arguments refusal(String name, String reason, Supplier<Refusal> refusal) {
        return Arguments.of(name, reason, refusal);
    }

    static Stream<Arguments> refusals() {
        return Stream.of(
                refusal(
                        "CPUs on one NUMA node",
                        "TopologyAffinityError",
                        () -> refused(busy(STRICT), budget(10, "1Gi"))),
                refusal(
                        "CPUs and memory on one NUMA node",
                        "TopologyAffinityError",
                        () -> refused(busy(withMemory(STRICT)), budget(10, "50Gi"))),
                refusal(
                        "CPUs of the node",
                        "UnexpectedAdmissionError",
                        () -> refused(node(DEFAULT), budget(100, "1Gi"))),
                refusal(
                        "memory of the node",
                        "UnexpectedAdmissionError",
                        () -> refused(node(withMemory(DEFAULT)), budget(4, "500Gi"))),
                refusal(
                        "whole cores",
                        "SMTAlignmentError",
                        () -> refused(
                                node(DEFAULT.withCpuManager(
                                        CpuManagerPolicy.STATIC,
                                        CpuManagerOptions.of(Map.of("full-pcpus-only", "true")))),
                                budget(100, "1Gi"))),
                refusal(
                        "the pod's pool of CPUs",
                        "EmptyPodSharedPoolError",
                        () -> refused(node(DEFAULT), pinned(4, 4, "4Gi", "1Gi"))),
                refusal(
                        "the pod's pool of memory",
                        "EmptyPodSharedPoolError",
                        () -> refused(node(withMemory(DEFAULT)), pinned(4, 2, "4Gi", "4Gi"))),
                refusal(
                        "the bound for a pod",
                        "BoundExceeded",
                        () -> refused(bounded(OptionalInt.of(8), OptionalInt.empty(), 100, 1), budget(9, "1Gi"))),
                refusal(
                        "the bound for a namespace",
                        "BoundExceeded",
                        () -> refused(bounded(OptionalInt.empty(), OptionalInt.of(8), 100, 1), budget(9, "1Gi"))),
                refusal(
                        "the bound for the node",
                        "BoundExceeded",
                        () -> refused(bounded(OptionalInt.empty(), OptionalInt.empty(), 25, 1), budget(9, "1Gi"))),
                refusal(
                        "the bound of the shared pool",
                        "BoundExceeded",
                        () -> refused(bounded(OptionalInt.empty(), OptionalInt.empty(), 100, 24), budget(9, "1Gi"))),
                refusal("a resize for now", "Deferred", () -> resized(busy(DEFAULT), "two", "20", "20Gi")),
                refusal("a resize beyond its NUMA node", "Deferred", () -> resized(busy(STRICT), "one", "15", "30Gi")),
                refusal("a resize of CPUs that no pod has", "Deferred", RefusalTextsTest::resizedShared),
                refusal("a resize of a container beyond its pod", "Infeasible", RefusalTextsTest::resizedContainer));
    }

    /** A pod that shares the node's CPUs is resized by the node's capacity. */
    private static Refusal resizedShared() {
        BrainFixture node = busy(DEFAULT);
        assertThat(run(
                        node,
                        "s",
                        spec("{'resources':{'requests':{'cpu':'500m','memory':'4Gi'},"
                                + "'limits':{'cpu':'500m','memory':'4Gi'}},'containers':[{'name':'a'}]}")))
                .isNull();
        return resized(node, "s", "13500m", "4Gi");
    }

    private static Refusal resizedContainer() {
        BrainFixture node = node(DEFAULT);
        PodSandboxRequest pod = node.pod("p" + LONG, "/kubepods/podp", pinned(4, 2, "8Gi", "4Gi"));
        assertThat(node.run(pod, "sb-p")).isNull();
        node.create(pod, "sb-p", LONG);
        node.create(pod, "sb-p", "log");
        Verdict verdict = node.decide(
                new NodeRequest.UpdateContainer(BrainFixture.idOf("sb-p", LONG), Map.of(), cpuAndMemory(4000, 4 * GI)));
        return ((Verdict.Refuse) verdict).refusal();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("refusals")
    void theFirstCharactersSayIt(String name, String reason, Supplier<Refusal> refusing) {
        String text = refusing.get().text();
        String first = text.substring(0, Math.min(text.length(), Refusal.FIRST));
        assertThat(first)
                .as("%s: %s", name, text)
                .startsWith(reason + ": asked ")
                .matches(".*asked [a-z ]*[0-9].*")
                .containsPattern("[0-9a-zA-Z]+ free|leaves [0-9]")
                .containsPattern("[0-9a-zA-Z ]+ fit");
    }
}
