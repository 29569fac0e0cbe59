package io.podslice.managers.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Cpu;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.topology.NumaSupply;
import io.podslice.managers.topology.Rejection;
import io.podslice.managers.topology.ResourceHints;
import io.podslice.managers.topology.TopologyHint;
import io.podslice.managers.vectors.VectorPods;
import io.podslice.managers.vectors.VectorTests;
import io.podslice.managers.vectors.Vectors;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** The kubelet's tables for pods with pod-level resources. */
class CpuPodLevelVectorsTest {
    private static final String FILE = "cpu-podlevel.json";
    private static final TopologyHint ANYWHERE = new TopologyHint(null, false);
    private static final JsonNode NO_OPTIONS = JsonNodeFactory.instance.objectNode();

    @TestFactory
    List<DynamicTest> answers_as_the_kubelet_does() {
        return VectorTests.of(
                FILE,
                Map.of(
                        "cases", this::allocate,
                        "validateCases", this::validate,
                        "restoreCases", this::restore,
                        "podHintsCases", this::hints,
                        "restartCases", this::restart,
                        "accountingCases", this::accounting,
                        "scenarios", this::scenario,
                        "containerExclusiveCases", this::containerExclusive,
                        "podExclusiveCases", this::podExclusive),
                Set.of("topologies"));
    }

    private static CpuManager manager(JsonNode c) {
        String name = c.required("topology").stringValue();
        CpuTopology topology = CpuManagerCases.topology(
                Vectors.json(FILE).required("topologies").required(name).required("cpus"));
        return new CpuManager(CpuManagerCases.settings(
                topology,
                c.has("options") ? c.required("options") : NO_OPTIONS,
                CpuManagerCases.set(c.required("reservedCPUs")),
                c.path("podLevelResourceManagers").asBoolean(true)));
    }

    private static CpuAttempt attempt(CpuManager manager, CpuManagerState state, JsonNode pod) {
        return manager.attempt(state, pod.required("uid").stringValue(), CpuManagerCases.pod(pod), Map.of(), true);
    }

    private void allocate(JsonNode c) {
        CpuManager manager = manager(c);
        JsonNode pod = c.required("pod");
        CpuAttempt attempt = attempt(manager, CpuManagerCases.state(c.required("initial")), pod);
        assertThat(c.required("expectedError").isNull()).isTrue();
        assertThat(attempt.allocatePod(ANYWHERE)).isEmpty();
        requireAssignments(attempt.state(), c.required("expectedAssignments"));
        assertThat(manager.nodeSharedPool(attempt.state()))
                .isEqualTo(CpuManagerCases.set(c.required("expectedDefaultCPUSet")));
        JsonNode ofPod = c.required("derivedExpectedPodCPUSet");
        String uid = pod.required("uid").stringValue();
        assertThat(attempt.state().pod(uid).ofPod())
                .isEqualTo(ofPod.isNull() ? CpuSet.empty() : CpuManagerCases.set(ofPod));
        Map<Isolation, Integer> counts = new HashMap<>();
        PodSpec spec = CpuManagerCases.pod(pod);
        spec.containers()
                .forEach(container -> counts.merge(
                        manager.isolation(attempt.state(), uid, spec, Map.of(), container.name()), 1, Integer::sum));
        JsonNode metrics = c.required("expectedMetrics");
        assertThat(counts.getOrDefault(Isolation.CONTAINER, 0))
                .isEqualTo(metrics.required("exclusiveAssignments").intValue());
        assertThat(counts.getOrDefault(Isolation.POD, 0))
                .isEqualTo(metrics.required("podSharedPoolAssignments").intValue());
        assertThat(attempt.state().pod(uid).containers())
                .hasSize(metrics.required("allocations").intValue());
        assertThat(metrics.required("allocationErrors").intValue()).isZero();
    }

    private static void requireAssignments(CpuManagerState state, JsonNode expected) {
        Map<String, Map<String, CpuSet>> wanted = new TreeMap<>();
        expected.propertyStream().forEach(pod -> {
            Map<String, CpuSet> containers = new TreeMap<>();
            pod.getValue()
                    .propertyStream()
                    .forEach(
                            container -> containers.put(container.getKey(), CpuManagerCases.set(container.getValue())));
            wanted.put(pod.getKey(), containers);
        });
        Map<String, Map<String, CpuSet>> has = new TreeMap<>();
        state.pods().forEach((uid, pod) -> has.put(uid, pod.containers()));
        assertThat(has).isEqualTo(wanted);
    }

    private void validate(JsonNode c) {
        CpuDemand demand = CpuDemand.of(CpuManagerCases.pod(c.required("pod")), Map.of(), CpuDemand.PodLevel.AS_ONE);
        Optional<Rejection> rejection = demand.leavesNothing();
        assertThat(rejection.isPresent()).isEqualTo(c.required("expectError").booleanValue());
        rejection.ifPresent(r -> assertThat(r.reason()).isEqualTo("EmptyPodSharedPoolError"));
    }

    private void restore(JsonNode c) {
        CpuManager manager = manager(c);
        CpuManagerState state = CpuManagerCases.state(c.required("initial"));
        boolean fails = c.required("expectError").booleanValue();
        for (int i = c.required("repeatAllocate").booleanValue() ? 2 : 1; i > 0; i--) {
            CpuAttempt attempt = attempt(manager, state, c.required("pod"));
            Optional<Rejection> rejection = attempt.allocatePod(ANYWHERE);
            assertThat(rejection.isPresent()).isEqualTo(fails);
            state = attempt.state();
        }
        requireAssignments(state, c.required("expectedAssignments"));
        JsonNode ofPod = c.required("expectedPodCPUSet");
        assertThat(state.pod(c.required("pod").required("uid").stringValue()).ofPod())
                .isEqualTo(ofPod.isNull() ? CpuSet.empty() : CpuManagerCases.set(ofPod));
        assertThat(manager.nodeSharedPool(state)).isEqualTo(CpuManagerCases.set(c.required("expectedDefaultCPUSet")));
    }

    private void hints(JsonNode c) {
        CpuAttempt attempt = attempt(manager(c), CpuManagerCases.state(c.required("initial")), c.required("pod"));
        List<ResourceHints> said = attempt.podHints();
        assertThat(said).hasSize(1);
        JsonNode expected = c.required("expected");
        List<CpuSet> preferred = new ArrayList<>();
        int hints = 0;
        if (said.getFirst() instanceof NumaSupply supply) {
            for (CpuSet nodes : List.of(CpuSet.of(0), CpuSet.of(1), CpuSet.of(0, 1))) {
                hints += supply.accepts(nodes) ? 1 : 0;
                if (supply.accepts(nodes) && supply.prefers(nodes)) {
                    preferred.add(nodes);
                }
            }
        } else {
            assertThat(said.getFirst()).isEqualTo(ResourceHints.NONE);
        }
        switch (expected.required("cpuHints").stringValue()) {
            case "empty" -> assertThat(hints).isZero();
            case "nonEmpty" -> assertThat(hints).isPositive();
            default -> throw new AssertionError("cpuHints in " + c);
        }
        if (expected.has("everyPreferredMask")) {
            CpuSet only = CpuManagerCases.set(expected.required("everyPreferredMask"));
            assertThat(preferred).isNotEmpty().allMatch(only::equals);
        }
        if (expected.has("somePreferredMaskContains")) {
            int node = expected.required("somePreferredMaskContains").intValue();
            assertThat(preferred).anyMatch(nodes -> nodes.contains(node));
        }
    }

    private void restart(JsonNode c) {
        List<Cpu> cpus = new ArrayList<>();
        for (int id = 0; id < c.required("numCPUs").intValue(); id++) {
            cpus.add(new Cpu(id, id, 0, 0, 0));
        }
        CpuTopology topology = CpuTopology.of(cpus);
        CpuManager manager = new CpuManager(CpuManagerCases.settings(
                topology,
                NO_OPTIONS,
                CpuManager.reserved(topology, c.required("reservedCPUs").intValue()),
                c.required("podLevelResourceManagers").booleanValue()));
        CpuManagerState before = CpuManagerState.EMPTY;
        for (JsonNode pod : c.required("pods")) {
            before = admit(manager, before, pod);
        }
        CpuManagerState after = before;
        for (JsonNode pod : c.required("pods")) {
            after = admit(manager, after, pod);
        }
        assertThat(after).isEqualTo(before);
        CpuSet all = manager.nodeSharedPool(after);
        for (JsonNode pod : c.required("pods")) {
            String uid = pod.required("uid").stringValue();
            JsonNode level = c.required("expectPodCPUSet");
            boolean asOne = level.isString() ? level.stringValue().equals("only " + uid) : level.booleanValue();
            CpuManagerState.Pod has = after.pod(uid);
            assertThat(!has.ofPod().isEmpty()).isEqualTo(asOne);
            assertThat(!has.containers().isEmpty())
                    .isEqualTo(c.required("expectContainerCPUSets").booleanValue());
            assertThat(all.intersects(has.all())).isFalse();
            if (asOne) {
                assertThat(has.containers().values()).allMatch(has.ofPod()::containsAll);
            }
            all = all.union(has.all());
        }
        assertThat(all).isEqualTo(topology.all());
    }

    private static CpuManagerState admit(CpuManager manager, CpuManagerState state, JsonNode pod) {
        CpuAttempt attempt = attempt(manager, state, pod);
        PodSpec spec = CpuManagerCases.pod(pod);
        if (spec.hasPodLevelResources()) {
            assertThat(attempt.allocatePod(ANYWHERE)).isEmpty();
        } else {
            for (int i = 0; i < spec.containers().size(); i++) {
                assertThat(attempt.allocate(i, ANYWHERE)).isEmpty();
            }
        }
        return attempt.state();
    }

    private void accounting(JsonNode c) {
        requireUse(manager(c), CpuManagerCases.state(c.required("initial")), c.required("expected"));
    }

    private static void requireUse(CpuManager manager, CpuManagerState state, JsonNode expected) {
        CpuUse use = manager.use(state);
        assertThat(use.exclusive().size())
                .isEqualTo(expected.required("exclusiveCPUs").intValue());
        assertThat(use.sharedMillis())
                .isEqualTo(expected.required("sharedPoolMilliCores").longValue());
        Map<Integer, Integer> byNode = new TreeMap<>();
        expected.required("perNUMA")
                .propertyStream()
                .forEach(node -> byNode.put(
                        Integer.valueOf(node.getKey()), node.getValue().intValue()));
        assertThat(use.exclusiveByNumaNode()).isEqualTo(byNode);
    }

    private void scenario(JsonNode c) {
        CpuManager manager = manager(c);
        CpuManagerState state = CpuManagerCases.state(c.required("initial"));
        JsonNode hint = c.required("topologyHint");
        String uid = c.required("pod").required("uid").stringValue();
        for (JsonNode step : c.required("steps")) {
            CpuManagerState before = state;
            switch (step.required("op").stringValue()) {
                case "Start" ->
                    assertThat(step.required("expectError").booleanValue()).isFalse();
                case "AllocatePod" -> {
                    CpuAttempt attempt = attempt(manager, state, c.required("pod"));
                    TopologyHint affinity = new TopologyHint(
                            CpuManagerCases.set(hint.required("mask")),
                            hint.required("preferred").booleanValue());
                    boolean failed = attempt.allocatePod(affinity).isPresent();
                    assertThat(failed).isEqualTo(step.required("expectError").booleanValue());
                    state = failed ? state : attempt.state();
                }
                case "RemoveContainer" ->
                    state = state.withoutContainer(
                            uid, step.required("container").stringValue());
                case "releasePodAllocation" -> state = state.withoutPod(uid);
                default -> throw new AssertionError("op in " + c);
            }
            requireAfter(manager, before, state, uid, step);
        }
    }

    private static void requireAfter(
            CpuManager manager, CpuManagerState before, CpuManagerState state, String uid, JsonNode step) {
        if (step.has("expectedMetrics")) {
            requireUse(manager, state, step.required("expectedMetrics"));
        }
        if (step.has("expectedDefaultCPUSet")) {
            JsonNode shared = step.required("expectedDefaultCPUSet");
            assertThat(manager.nodeSharedPool(state))
                    .isEqualTo(
                            shared.isString() && shared.stringValue().equals("unchanged")
                                    ? manager.nodeSharedPool(before)
                                    : CpuManagerCases.set(shared));
        }
        if (step.has("expectedPodCPUSet")) {
            JsonNode ofPod = step.required("expectedPodCPUSet");
            assertThat(state.pod(uid).ofPod()).isEqualTo(ofPod.isNull() ? CpuSet.empty() : CpuManagerCases.set(ofPod));
        }
        if (step.has("expectedAssignments")) {
            requireAssignments(state, step.required("expectedAssignments"));
        }
        if (step.has("expectedAssignmentsContain")) {
            step.required("expectedAssignmentsContain")
                    .propertyStream()
                    .forEach(container -> assertThat(state.cpus(uid, container.getKey()))
                            .isEqualTo(CpuManagerCases.set(container.getValue())));
        }
    }

    private void containerExclusive(JsonNode c) {
        PodSpec spec = VectorPods.pod(
                c.required("pod"), VectorPods::requirements, x -> VectorPods.requirements(x.path("resources")));
        CpuManager manager = small(c.required("podLevelResourceManagers").booleanValue());
        String container = c.required("container").stringValue();
        JsonNode cpus = c.required("containerCPUSet");
        CpuManagerState state = CpuManagerState.EMPTY;
        if (!cpus.isNull()) {
            CpuSet set = CpuManagerCases.set(cpus);
            state = state.with(
                    "pod",
                    new CpuManagerState.Pod(
                            spec.hasPodLevelResources() ? set : CpuSet.empty(), new TreeMap<>(Map.of(container, set))));
        }
        Isolation isolation = manager.isolation(state, "pod", spec, Map.of(), container);
        if (!c.required("isolationLevel").isNull()) {
            assertThat(isolation.text()).isEqualTo(c.required("isolationLevel").stringValue());
        }
        assertThat(isolation.liftsQuota())
                .isEqualTo(c.required("expectedExclusive").booleanValue());
    }

    private static CpuManager small(boolean podLevel) {
        CpuTopology topology = CpuTopology.of(List.of(new Cpu(0, 0, 0, 0, 0), new Cpu(1, 1, 0, 0, 0)));
        return new CpuManager(CpuManagerCases.settings(topology, NO_OPTIONS, CpuSet.of(0), podLevel));
    }

    private void podExclusive(JsonNode c) {
        List<Isolation> isolations = new ArrayList<>();
        List<String> names = new ArrayList<>();
        c.required("initContainers").forEach(name -> names.add(name.stringValue()));
        c.required("containers").forEach(name -> names.add(name.stringValue()));
        for (String name : names) {
            JsonNode level = c.required("isolationLevels").path(name);
            boolean has = c.required("cpuSets").has(name);
            isolations.add(
                    level.isString()
                            ? Isolation.valueOf(level.stringValue().toUpperCase(Locale.ROOT))
                            : has ? Isolation.CONTAINER : Isolation.HOST);
        }
        boolean asOne = !c.required("podLevelCPU").isNull()
                && c.required("podLevelResourceManagers").booleanValue();
        assertThat(Isolation.liftsPodQuota(asOne, isolations))
                .isEqualTo(c.required("expectedExclusive").booleanValue());
    }
}
