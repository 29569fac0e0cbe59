package io.podslice.managers.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CpuSet;
import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.Quantity;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceName;
import io.podslice.managers.pod.ResourceRequirements;
import io.podslice.managers.topology.NumaSupply;
import io.podslice.managers.topology.Rejection;
import io.podslice.managers.topology.ResourceHints;
import io.podslice.managers.topology.TopologyHint;
import io.podslice.managers.vectors.VectorTests;
import io.podslice.managers.vectors.Vectors;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** The kubelet's tables for pods without pod-level resources. */
class CpuContainerVectorsTest {
    private static final String FILE = "cpu-container.json";
    private static final TopologyHint ANYWHERE = new TopologyHint(null, false);
    private static final JsonNode NO_OPTIONS = JsonNodeFactory.instance.objectNode();

    @TestFactory
    List<DynamicTest> answers_as_the_kubelet_does() {
        return VectorTests.of(
                FILE,
                Map.of(
                        "cases", this::allocate,
                        "reuseCases", this::reuse,
                        "takeCases", this::take,
                        "hintCases", this::hints,
                        "optionHintCases", this::hintsWithOptions,
                        "podGuaranteedCPUsCases", this::together),
                Set.of("topologies", "hintTopology", "optionHintTopology"));
    }

    private static CpuTopology topology(JsonNode c) {
        String name = c.required("topology").stringValue();
        return CpuManagerCases.topology(
                Vectors.json(FILE).required("topologies").required(name));
    }

    private void allocate(JsonNode c) {
        CpuTopology topology = topology(c);
        CpuSet reserved = c.required("reservedList").isNull()
                ? CpuManager.reserved(topology, c.required("reservedNum").intValue())
                : CpuManagerCases.set(c.required("reservedList"));
        PodSpec pod = pod(new ContainerSpec(
                "c", ContainerKind.APP, resources(c.required("requestMilli"), c.required("limitMilli"))));
        for (JsonNode options : c.required("options")) {
            CpuManager manager = new CpuManager(CpuManagerCases.settings(topology, options, reserved, true));
            CpuManagerState before = with(
                    with(CpuManagerState.EMPTY, "other", c.required("otherContainerCPUs")),
                    "pod",
                    c.required("ownPreviousCPUs"));
            CpuAttempt attempt = manager.attempt(before, "pod", pod, Map.of(), false);
            Optional<Rejection> rejection = attempt.allocate(0, ANYWHERE);
            JsonNode error = c.required("expectedError");
            if (error.isNull()) {
                assertThat(rejection).isEmpty();
            } else {
                assertThat(rejection.map(Rejection::message).orElse(""))
                        .isIn(
                                error.stringValue(),
                                "Allocate failed due to " + error.stringValue() + ", which is unexpected");
                assertThat(attempt.state()).isEqualTo(before);
            }
            JsonNode cpus = c.required("expectedCPUs");
            assertThat(attempt.state().cpus("pod", "c"))
                    .isEqualTo(cpus.isNull() ? CpuSet.empty() : CpuManagerCases.set(cpus));
            // One case's default set is without the reserved CPUs, as under strict-cpu-reservation.
            CpuSet expected = CpuManagerCases.set(c.required("expectedDefaultAfter"));
            assertThat(manager.nodeSharedPool(attempt.state()))
                    .isEqualTo(reserved.intersects(expected) ? expected : expected.union(reserved));
        }
    }

    private static CpuManagerState with(CpuManagerState state, String uid, JsonNode cpus) {
        return cpus.isNull()
                ? state
                : state.with(
                        uid,
                        new CpuManagerState.Pod(CpuSet.empty(), new TreeMap<>(Map.of("c", CpuManagerCases.set(cpus)))));
    }

    private void reuse(JsonNode c) {
        CpuTopology topology = topology(c);
        CpuManager manager = new CpuManager(CpuManagerCases.settings(
                topology,
                NO_OPTIONS,
                CpuManager.reserved(topology, c.required("reservedNum").intValue()),
                true));
        PodSpec pod = pod(c);
        CpuAttempt attempt = manager.attempt(CpuManagerState.EMPTY, "pod", pod, Map.of(), false);
        for (int i = 0; i < pod.containers().size(); i++) {
            assertThat(attempt.allocate(i, ANYWHERE)).isEmpty();
        }
        assertThat(manager.nodeSharedPool(attempt.state()))
                .isEqualTo(CpuManagerCases.set(c.required("expectedDefaultAfterAll")));
        if (c.has("expectedDefaultAfterInitRemoved")) {
            CpuManagerState after = attempt.state()
                    .withoutContainer("pod", pod.containers().getFirst().name());
            assertThat(manager.nodeSharedPool(after))
                    .isEqualTo(CpuManagerCases.set(c.required("expectedDefaultAfterInitRemoved")));
        }
    }

    private void take(JsonNode c) {
        CpuTopology topology = topology(c);
        CpuPicker picker = new CpuPicker(CpuManagerCases.settings(topology, NO_OPTIONS, CpuSet.empty(), true));
        assertThat(picker.takeNear(
                        CpuManagerCases.hint(c.required("affinityMask")).nodes(),
                        CpuManagerCases.set(c.required("available")),
                        c.required("request").intValue()))
                .isEqualTo(CpuManagerCases.set(c.required("expected")));
    }

    private void hints(JsonNode c) {
        hints(c, "hintTopology", NO_OPTIONS);
    }

    private void hintsWithOptions(JsonNode c) {
        hints(c, "optionHintTopology", c.required("options"));
    }

    private static void hints(JsonNode c, String machine, JsonNode options) {
        CpuTopology topology = CpuManagerCases.topology(Vectors.json(FILE).required(machine));
        CpuManager manager = new CpuManager(CpuManagerCases.settings(topology, options, CpuSet.empty(), true));
        CpuManagerState state = CpuManagerState.EMPTY;
        if (!c.required("default").isNull()) {
            CpuSet others = topology.all().minus(CpuManagerCases.set(c.required("default")));
            state = state.with("other", new CpuManagerState.Pod(CpuSet.empty(), new TreeMap<>(Map.of("c", others))));
        }
        state = with(
                state,
                "pod",
                c.path("assignedToSameContainer").isMissingNode()
                        ? JsonNodeFactory.instance.nullNode()
                        : c.required("assignedToSameContainer"));
        PodSpec pod = pod(new ContainerSpec(
                "c",
                ContainerKind.APP,
                CpuManagerCases.guaranteed(c.required("requestCPUs").asString())));
        CpuAttempt attempt = manager.attempt(state, "pod", pod, Map.of(), false);
        Set<TopologyHint> expected = new HashSet<>();
        for (JsonNode hint : c.required("expectedHints")) {
            expected.add(new TopologyHint(
                    CpuManagerCases.set(hint.required("mask")),
                    hint.required("preferred").booleanValue()));
        }
        assertThat(listed(attempt.containerHints(0), topology)).isEqualTo(expected);
        assertThat(listed(attempt.podHints(), topology)).isEqualTo(expected);
    }

    private static Set<TopologyHint> listed(List<ResourceHints> said, CpuTopology topology) {
        assertThat(said).hasSize(1);
        if (said.getFirst() instanceof ResourceHints.Listed list) {
            return new HashSet<>(list.hints());
        }
        NumaSupply supply = (NumaSupply) said.getFirst();
        Set<TopologyHint> hints = new HashSet<>();
        List<CpuSet> sets = new ArrayList<>(List.of(CpuSet.empty()));
        topology.numaNodes().forEach(node -> List.copyOf(sets).forEach(set -> sets.add(set.union(CpuSet.of(node)))));
        for (CpuSet set : sets) {
            if (supply.accepts(set)) {
                hints.add(new TopologyHint(set, supply.prefers(set)));
            }
        }
        return hints;
    }

    private void together(JsonNode c) {
        assertThat(CpuDemand.of(pod(c), Map.of(), CpuDemand.PodLevel.BY_CONTAINER)
                        .together())
                .isEqualTo(c.required("expected").intValue());
    }

    private static PodSpec pod(ContainerSpec container) {
        return new PodSpec(ResourceRequirements.NONE, List.of(container));
    }

    private static PodSpec pod(JsonNode c) {
        List<ContainerSpec> containers = new ArrayList<>();
        for (JsonNode init : c.required("initContainers")) {
            boolean sidecar = init.required("restartable").booleanValue();
            containers.add(container(init, containers.size(), sidecar ? ContainerKind.SIDECAR : ContainerKind.INIT));
        }
        for (JsonNode app : c.required("containers")) {
            containers.add(container(app, containers.size(), ContainerKind.APP));
        }
        return new PodSpec(ResourceRequirements.NONE, containers);
    }

    private static ContainerSpec container(JsonNode c, int number, ContainerKind kind) {
        String cpu = c.required("cpu").asString();
        return new ContainerSpec("c" + number, kind, CpuManagerCases.guaranteed(cpu));
    }

    private static ResourceRequirements resources(JsonNode requestMilli, JsonNode limitMilli) {
        return new ResourceRequirements(list(requestMilli), list(limitMilli));
    }

    private static ResourceList list(JsonNode milli) {
        return ResourceList.of(Map.of(
                ResourceName.CPU, Quantity.ofMillis(milli.longValue()), ResourceName.MEMORY, Quantity.parse("1Gi")));
    }
}
