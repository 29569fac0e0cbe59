package io.podslice.managers.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CpuSet;
import io.podslice.managers.memory.MemoryCapacity.Amount;
import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceName;
import io.podslice.managers.pod.ResourceRequirements;
import io.podslice.managers.topology.NumaNodes;
import io.podslice.managers.topology.NumaSupply;
import io.podslice.managers.topology.Rejection;
import io.podslice.managers.topology.ResourceHints;
import io.podslice.managers.topology.TopologyHint;
import io.podslice.managers.vectors.VectorPods;
import io.podslice.managers.vectors.VectorTests;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/** The kubelet's tables for policy Static. */
class MemoryVectorsTest {

    @TestFactory
    List<DynamicTest> answers_as_the_kubelet_does() {
        return VectorTests.of(
                "memory.json",
                Map.of(
                        "cases", this::allocate,
                        "startCases", this::start,
                        "removeCases", this::remove,
                        "hintCases", this::hints,
                        "requestedResourcesCases", this::requested,
                        "affinityViolationCases", this::violation,
                        "podLevelValidateCases", this::validate,
                        "podLevelAllocateCases", this::allocatePod,
                        "restoreCases", this::restore),
                Set.of());
    }

    private void allocate(JsonNode c) {
        Before before = new Before(c);
        MemoryAttempt attempt = attempt(c, before);
        PodSpec pod = pod(c.required("pod"));
        TopologyHint hint = hint(c.required("topologyHint"));
        boolean all = switch (c.required("call").stringValue()) {
            case "firstContainer" -> false;
            case "initContainersThenContainers" -> true;
            default -> throw new AssertionError("call in " + c);
        };
        Optional<Rejection> rejection = Optional.empty();
        for (int i = 0; i < pod.containers().size() && rejection.isEmpty(); i++) {
            if (all || pod.containers().get(i).kind() == ContainerKind.APP) {
                rejection = attempt.allocate(i, hint);
            }
            if (!all && pod.containers().get(i).kind() == ContainerKind.APP) {
                break;
            }
        }
        JsonNode error = c.required("expectedError");
        assertThat(rejection.map(Rejection::message))
                .isEqualTo(
                        error.isNull()
                                ? Optional.empty()
                                : Optional.of(
                                        "Allocate failed due to " + error.stringValue() + ", which is unexpected"));
        if (error.isNull()) {
            before.requireAfter(attempt.state(), c);
        }
    }

    private void allocatePod(JsonNode c) {
        Before before = new Before(c);
        MemoryAttempt attempt = attempt(c, before);
        Optional<Rejection> rejection = attempt.allocatePod(hint(c.required("topologyHint")));
        JsonNode error = c.required("expectedError");
        if (!error.isNull()) {
            assertThat(rejection.map(Rejection::reason))
                    .contains(error.required("type").stringValue());
            assertThat(rejection.map(Rejection::message))
                    .contains(error.required("message").stringValue());
            assertThat(attempt.state()).isEqualTo(before.state);
        } else {
            assertThat(rejection).isEmpty();
        }
        before.requireAfter(attempt.state(), c);
        MemoryState.Pod pod = attempt.state()
                .pods()
                .getOrDefault(c.required("pod").required("uid").stringValue(), MemoryState.Pod.EMPTY);
        assertThat(new HashSet<>(pod.ofPod())).isEqualTo(new HashSet<>(blocks(c.required("derivedExpectedPodBlocks"))));
        requireCounts(c, pod, rejection.isPresent());
    }

    /** Checks that the counters that the kubelet keeps follow from the state. */
    private static void requireCounts(JsonNode c, MemoryState.Pod pod, boolean failed) {
        JsonNode metrics = c.required("expectedMetrics");
        MemoryDemand demand = MemoryDemand.of(pod(c.required("pod")), true);
        int exclusive = 0;
        for (int i = 0; i < demand.own().size(); i++) {
            boolean has = pod.containers()
                    .containsKey(demand.spec().containers().get(i).name());
            exclusive += has && !demand.shares(i) ? 1 : 0;
        }
        assertThat(pod.containers()).hasSize(metrics.required("allocations").intValue());
        assertThat(exclusive).isEqualTo(metrics.required("exclusiveAssignments").intValue());
        assertThat(pod.containers().size() - exclusive)
                .isEqualTo(metrics.required("podSharedPoolAssignments").intValue());
        assertThat(failed ? 1 : 0)
                .isEqualTo(metrics.required("allocationErrors").intValue());
    }

    private void start(JsonNode c) {
        MemoryState state = state(c.required("assignments"));
        MemoryCapacity capacity = c.required("machine").isNull() ? capacity(c.required("machineState")) : machine(c);
        List<String> misfits = state.misfits(capacity);
        JsonNode error = c.required("expectedError");
        if (!error.isNull()) {
            assertThat(misfits).contains(error.stringValue());
            return;
        }
        assertThat(misfits).isEmpty();
        assertThat(state).isEqualTo(state(c.required("expectedAssignments")));
        assertThat(use(capacity, state)).isEqualTo(given(c.required("expectedMachineState")));
    }

    private void remove(JsonNode c) {
        Before before = new Before(c);
        MemoryState after = before.state.withoutContainer(
                c.required("podUID").stringValue(), c.required("container").stringValue());
        before.requireAfter(after, c);
    }

    private void hints(JsonNode c) {
        MemoryAttempt attempt = attempt(c, new Before(c));
        List<ResourceHints> said = switch (c.required("scope").stringValue()) {
            case "container" -> attempt.containerHints(0);
            case "pod" -> attempt.podHints();
            default -> throw new AssertionError("scope in " + c);
        };
        JsonNode expected = c.required("expectedHints");
        if (expected.isNull()) {
            assertThat(said).isEmpty();
            return;
        }
        // Upstream repeats one list for every type.
        assertThat(said).hasSize(1);
        NumaSupply supply = (NumaSupply) said.getFirst();
        Set<TopologyHint> actual = new HashSet<>();
        for (CpuSet nodes : subsets(capacity(c).nodes().all())) {
            if (supply.accepts(nodes)) {
                actual.add(new TopologyHint(nodes, supply.prefers(nodes)));
            }
        }
        for (JsonNode hints : expected) {
            Set<TopologyHint> wanted = new HashSet<>();
            hints.forEach(hint -> wanted.add(hint(hint)));
            assertThat(actual).isEqualTo(wanted);
        }
    }

    private void requested(JsonNode c) {
        PodSpec pod = VectorPods.pod(
                c, VectorPods::requirements, container -> VectorPods.requirements(container.required("resources")));
        List<MemoryAmounts> own = pod.containers().stream()
                .map(container -> MemoryAmounts.of(container.resources().requests()))
                .toList();
        SortedMap<ResourceName, Long> expected = new TreeMap<>();
        c.required("expected")
                .propertyStream()
                .forEach(amount -> expected.put(
                        new ResourceName(amount.getKey()), amount.getValue().longValue()));
        assertThat(MemoryAmounts.together(pod, own).bytes()).isEqualTo(expected);
    }

    private void violation(JsonNode c) {
        SortedMap<String, List<MemoryBlock>> blocks = new TreeMap<>();
        SortedMap<Integer, SortedMap<ResourceName, Amount>> byNode = new TreeMap<>();
        c.required("nodes").propertyStream().forEach(node -> {
            byNode.put(Integer.valueOf(node.getKey()), new TreeMap<>());
            if (node.getValue().required("numberOfAssignments").intValue() > 0) {
                CpuSet cells = set(node.getValue().required("cells"));
                blocks.put("on " + cells, List.of(new MemoryBlock(cells, ResourceName.MEMORY, 1)));
            }
        });
        MemoryState state = MemoryState.EMPTY.with("pod", new MemoryState.Pod(List.of(), blocks));
        MemoryCapacity capacity = new MemoryCapacity(nodes(byNode), byNode);
        assertThat(MemoryUse.of(capacity, state).isViolatedBy(set(c.required("mask"))))
                .isEqualTo(c.required("expectedViolation").booleanValue());
    }

    private void validate(JsonNode c) {
        // Only the validation is tested, which ignores the pod's QoS class.
        PodSpec pod = pod(c.required("pod"));
        List<MemoryAmounts> own = new ArrayList<>();
        pod.containers().forEach(container -> {
            ResourceRequirements resources = container.resources();
            boolean guaranteed =
                    !resources.requests().isEmpty() && resources.requests().equals(resources.limits());
            own.add(guaranteed ? MemoryAmounts.of(resources.requests()) : MemoryAmounts.NONE);
        });
        MemoryDemand demand =
                new MemoryDemand(pod, MemoryAmounts.of(pod.resources().requests()), own);
        JsonNode error = c.required("expectedError");
        assertThat(demand.leavesNothing().map(Rejection::message))
                .isEqualTo(error.isNull() ? Optional.empty() : Optional.of(error.stringValue()));
    }

    private void restore(JsonNode c) {
        SortedMap<Integer, SortedMap<ResourceName, Amount>> byNode = new TreeMap<>();
        for (int node = 0; node < 2; node++) {
            byNode.put(node, new TreeMap<>(Map.of(ResourceName.MEMORY, new Amount(4L << 30, 1L << 30, 3L << 30))));
        }
        MemoryManager manager = new MemoryManager(
                new MemoryCapacity(nodes(byNode), byNode),
                c.required("podLevelResourceManagers").booleanValue());
        boolean podLevel = !c.required("podMemory").isNull();
        PodSpec pod = VectorPods.pod(
                c,
                VectorPods::requirements,
                container -> guaranteed("1", container.required("memory").stringValue()));
        PodSpec spec =
                podLevel ? new PodSpec(guaranteed("2", c.required("podMemory").stringValue()), pod.containers()) : pod;
        MemoryState first = admit(manager, MemoryState.EMPTY, spec, podLevel);
        MemoryState.Pod has = first.pods().getOrDefault("uid", MemoryState.Pod.EMPTY);
        assertThat(!has.ofPod().isEmpty())
                .isEqualTo(c.required("expectPodBlocks").booleanValue());
        assertThat(!has.containers().isEmpty())
                .isEqualTo(c.required("expectContainerBlocks").booleanValue());
        JsonNode hint = c.required("expectedRestoredHint");
        List<ResourceHints> expected =
                hint.isNull() ? List.of() : List.of(new ResourceHints.Listed(List.of(hint(hint))));
        assertThat(manager.attempt(first, "uid", spec).podHints()).isEqualTo(expected);
        assertThat(admit(manager, first, spec, podLevel)).isEqualTo(first);
    }

    private static MemoryState admit(MemoryManager manager, MemoryState state, PodSpec spec, boolean podLevel) {
        MemoryAttempt attempt = manager.attempt(state, "uid", spec);
        TopologyHint open = new TopologyHint(null, false);
        if (podLevel) {
            assertThat(attempt.allocatePod(open)).isEmpty();
        } else {
            for (int i = 0; i < spec.containers().size(); i++) {
                assertThat(attempt.allocate(i, open)).isEmpty();
            }
        }
        return attempt.state();
    }

    private static ResourceRequirements guaranteed(String cpu, String memory) {
        ResourceList amounts = ResourceList.of(cpu, memory);
        return new ResourceRequirements(amounts, amounts);
    }

    private static MemoryAttempt attempt(JsonNode c, Before before) {
        MemoryManager manager = new MemoryManager(
                before.capacity,
                c.required("podLevelResources").booleanValue()
                        && c.required("podLevelResourceManagers").booleanValue());
        return manager.attempt(before.state, c.required("pod").required("uid").stringValue(), pod(c.required("pod")));
    }

    /** A case's state, and the rest of upstream's machine state. */
    private static final class Before {
        final MemoryCapacity capacity;
        final MemoryState state;
        private final MemoryState foreign;
        private final boolean consistent;

        Before(JsonNode c) {
            capacity = capacity(c);
            JsonNode machineState = c.required("machineState");
            MemoryState own = state(c.required("assignments"));
            foreign = foreign(machineState, own);
            MemoryState all = own;
            for (Map.Entry<String, MemoryState.Pod> pod : foreign.pods().entrySet()) {
                all = all.with(pod.getKey(), pod.getValue());
            }
            state = all;
            consistent = use(capacity, state).equals(given(machineState));
        }

        /** Returns upstream's hand-made use of nodes that no assignment explains. */
        private MemoryState foreign(JsonNode machineState, MemoryState own) {
            MemoryUse use = MemoryUse.of(capacity, own);
            Map<CpuSet, SortedMap<ResourceName, Long>> reserved = new HashMap<>();
            machineState.propertyStream().forEach(node -> {
                if (node.getValue().required("numberOfAssignments").intValue() > 0
                        && use.assignments(Integer.parseInt(node.getKey())) == 0) {
                    SortedMap<ResourceName, Long> bytes =
                            reserved.computeIfAbsent(set(node.getValue().required("cells")), cells -> new TreeMap<>());
                    node.getValue().required("memoryMap").propertyStream().forEach(amount -> {
                        long size = amount.getValue().required("reserved").longValue();
                        if (size > 0) {
                            bytes.merge(new ResourceName(amount.getKey()), size, Long::sum);
                        }
                    });
                }
            });
            MemoryState result = MemoryState.EMPTY;
            for (Map.Entry<CpuSet, SortedMap<ResourceName, Long>> group : reserved.entrySet()) {
                List<MemoryBlock> blocks = new ArrayList<>();
                group.getValue().forEach((type, bytes) -> blocks.add(new MemoryBlock(group.getKey(), type, bytes)));
                result = result.with(
                        "other on " + group.getKey(),
                        new MemoryState.Pod(List.of(), new TreeMap<>(Map.of("other", blocks))));
            }
            return result;
        }

        void requireAfter(MemoryState after, JsonNode c) {
            SortedMap<String, SortedMap<String, Set<MemoryBlock>>> has = assignments(after);
            foreign.pods().forEach((uid, pod) -> has.remove(uid));
            assertThat(has).isEqualTo(assignments(state(c.required("expectedAssignments"))));
            if (consistent) {
                assertThat(use(capacity, after)).isEqualTo(given(c.required("expectedMachineState")));
            } else {
                // The machine state before is made up; then upstream expects that nothing changes.
                assertThat(c.required("expectedMachineState")).isEqualTo(c.required("machineState"));
                assertThat(after).isEqualTo(state);
            }
        }

        private static SortedMap<String, SortedMap<String, Set<MemoryBlock>>> assignments(MemoryState state) {
            SortedMap<String, SortedMap<String, Set<MemoryBlock>>> result = new TreeMap<>();
            state.pods().forEach((uid, pod) -> {
                SortedMap<String, Set<MemoryBlock>> blocks = new TreeMap<>();
                pod.containers().forEach((name, list) -> blocks.put(name, new HashSet<>(list)));
                result.put(uid, blocks);
            });
            return result;
        }
    }

    /** Returns free bytes by group of nodes and type, with each node's count of blocks, as text. */
    private static SortedMap<String, Long> use(MemoryCapacity capacity, MemoryState state) {
        MemoryUse use = MemoryUse.of(capacity, state);
        SortedMap<String, Long> result = new TreeMap<>();
        capacity.byNode().forEach((node, amounts) -> {
            result.put("blocks of " + node, (long) use.assignments(node));
            amounts.keySet()
                    .forEach(type -> result.merge(
                            type + " on " + use.group(node), use.free(type).getOrDefault(node, 0L), Long::sum));
        });
        return result;
    }

    private static SortedMap<String, Long> given(JsonNode machineState) {
        SortedMap<String, Long> result = new TreeMap<>();
        machineState.propertyStream().forEach(node -> {
            result.put(
                    "blocks of " + node.getKey(),
                    node.getValue().required("numberOfAssignments").longValue());
            JsonNode cells = node.getValue().required("cells");
            CpuSet group = cells.isEmpty() ? CpuSet.parse(node.getKey()) : set(cells);
            node.getValue()
                    .required("memoryMap")
                    .propertyStream()
                    .forEach(amount -> result.merge(
                            amount.getKey() + " on " + group,
                            amount.getValue().required("free").longValue(),
                            Long::sum));
        });
        return result;
    }

    private static MemoryCapacity capacity(JsonNode c) {
        JsonNode state = c.has("machineState") ? c.required("machineState") : c;
        if (state.isEmpty() && c.has("machine") && !c.required("machine").isNull()) {
            return machine(c);
        }
        SortedMap<Integer, SortedMap<ResourceName, Amount>> byNode = new TreeMap<>();
        state.propertyStream().forEach(node -> {
            SortedMap<ResourceName, Amount> amounts = new TreeMap<>();
            node.getValue()
                    .required("memoryMap")
                    .propertyStream()
                    .forEach(amount -> amounts.put(
                            new ResourceName(amount.getKey()),
                            new Amount(
                                    amount.getValue().required("totalMemSize").longValue(),
                                    amount.getValue().required("systemReserved").longValue(),
                                    amount.getValue().required("allocatable").longValue())));
            byNode.put(Integer.valueOf(node.getKey()), amounts);
        });
        return new MemoryCapacity(nodes(byNode), byNode);
    }

    /** Upstream's tables give memory without the part in huge pages. */
    private static MemoryCapacity machine(JsonNode c) {
        SortedMap<Integer, SortedMap<ResourceName, Amount>> byNode = new TreeMap<>();
        for (JsonNode node : c.required("machine")) {
            SortedMap<ResourceName, Amount> amounts = new TreeMap<>();
            JsonNode kept =
                    c.required("systemReserved").path(node.required("id").asString());
            put(amounts, ResourceName.MEMORY, node.required("memory").longValue(), kept);
            for (JsonNode pages : node.required("hugePages")) {
                long size = pages.required("pageSizeKB").longValue() << 10;
                put(
                        amounts,
                        MemoryAmounts.hugepages(size),
                        size * pages.required("numPages").longValue(),
                        kept);
            }
            byNode.put(node.required("id").intValue(), amounts);
        }
        return new MemoryCapacity(nodes(byNode), byNode);
    }

    private static void put(SortedMap<ResourceName, Amount> amounts, ResourceName type, long total, JsonNode kept) {
        long reserved = kept.path(type.value()).asLong(0);
        amounts.put(type, new Amount(total, reserved, total - reserved));
    }

    private static NumaNodes nodes(Map<Integer, ?> byNode) {
        return NumaNodes.of(CpuSet.of(byNode.keySet()), new TreeMap<>());
    }

    private static MemoryState state(JsonNode assignments) {
        MemoryState state = MemoryState.EMPTY;
        for (Map.Entry<String, JsonNode> pod : assignments.properties()) {
            SortedMap<String, List<MemoryBlock>> containers = new TreeMap<>();
            pod.getValue()
                    .propertyStream()
                    .forEach(container -> containers.put(container.getKey(), blocks(container.getValue())));
            state = state.with(pod.getKey(), new MemoryState.Pod(List.of(), containers));
        }
        return state;
    }

    private static List<MemoryBlock> blocks(JsonNode blocks) {
        List<MemoryBlock> result = new ArrayList<>();
        for (JsonNode block : blocks) {
            result.add(new MemoryBlock(
                    set(block.required("numaAffinity")),
                    new ResourceName(block.required("type").stringValue()),
                    block.required("size").longValue()));
        }
        return result;
    }

    private static PodSpec pod(JsonNode pod) {
        return VectorPods.pod(
                pod, VectorPods::requirements, container -> VectorPods.requirements(container.path("resources")));
    }

    private static TopologyHint hint(JsonNode hint) {
        return new TopologyHint(
                hint.required("mask").isNull() ? null : set(hint.required("mask")),
                hint.required("preferred").booleanValue());
    }

    private static CpuSet set(JsonNode ids) {
        return CpuSet.of(ids.valueStream().mapToInt(JsonNode::intValue).toArray());
    }

    private static List<CpuSet> subsets(CpuSet all) {
        List<CpuSet> sets = new ArrayList<>(List.of(CpuSet.empty()));
        all.forEach(node -> List.copyOf(sets).forEach(set -> sets.add(set.union(CpuSet.of(node)))));
        return sets;
    }
}
