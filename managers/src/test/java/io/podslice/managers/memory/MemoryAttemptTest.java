package io.podslice.managers.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceName;
import io.podslice.managers.pod.ResourceRequirements;
import io.podslice.managers.topology.Rejection;
import io.podslice.managers.topology.TopologyHint;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** One pod's attempt, step by step: settled pods, the division of a pod's memory, and the texts of rejections. */
class MemoryAttemptTest {
    private static final long GI = 1L << 30;
    private static final TopologyHint ON_0 = new TopologyHint(CpuSet.of(0), true);
    private static final TopologyHint ON_1 = new TopologyHint(CpuSet.of(1), true);

    private final MemoryCapacity capacity = MemoryCapacity.of(Machine.regular(2, 1, 4, 2, 8 * GI), Map.of());
    private final MemoryManager manager = new MemoryManager(capacity, true);

    @Test
    void a_pod_that_asks_for_nothing_is_settled_and_has_no_outlook() {
        PodSpec burstable = new PodSpec(
                ResourceRequirements.NONE,
                List.of(app("c", new ResourceRequirements(ResourceList.of("1", "1Gi"), ResourceList.EMPTY))));
        MemoryAttempt attempt = manager.attempt(MemoryState.EMPTY, "pod", burstable);

        assertThat(attempt.isSettled()).isTrue();
        assertThat(attempt.outlook()).isEmpty();
        assertThat(attempt.podHints()).isEmpty();
        assertThat(attempt.allocatePod(ON_0)).isEmpty();
        assertThat(attempt.state()).isEqualTo(MemoryState.EMPTY);
    }

    @Test
    void an_outlook_says_what_is_asked_and_what_is_free() {
        assertThat(manager.attempt(MemoryState.EMPTY, "pod", alone("2Gi")).outlook())
                .isEqualTo("asked memory 2Gi; free by NUMA node: 0 has memory 8Gi, 1 has memory 8Gi; at most memory 8Gi"
                        + " would fit on one node");
    }

    @Test
    void a_pod_is_settled_once_all_its_long_running_containers_have_what_they_ask_for() {
        PodSpec pod = new PodSpec(
                ResourceRequirements.NONE,
                List.of(
                        new ContainerSpec("init", ContainerKind.INIT, guaranteed("1Gi")),
                        app("a", guaranteed("1Gi")),
                        app("b", guaranteed("2Gi"))));
        MemoryAttempt attempt = manager.attempt(MemoryState.EMPTY, "pod", pod);
        assertThat(attempt.isSettled()).isFalse();
        assertThat(attempt.allocate(1, ON_0)).isEmpty();
        assertThat(attempt.isSettled()).isFalse();
        assertThat(attempt.allocate(2, ON_0)).isEmpty();
        assertThat(attempt.isSettled()).isTrue();

        PodSpec larger = new PodSpec(
                ResourceRequirements.NONE, List.of(app("a", guaranteed("1Gi")), app("b", guaranteed("3Gi"))));
        assertThat(manager.attempt(attempt.state(), "pod", larger).isSettled()).isFalse();
        assertThat(manager.attempt(attempt.state(), "other", pod).isSettled()).isFalse();
    }

    @Test
    void a_pod_with_memory_of_its_own_is_settled_while_it_asks_for_the_same() {
        PodSpec pod = ofPod("4Gi", app("a", guaranteed("1Gi")), app("b", ResourceRequirements.NONE));
        MemoryAttempt attempt = manager.attempt(MemoryState.EMPTY, "pod", pod);
        assertThat(attempt.isSettled()).isFalse();
        assertThat(attempt.allocatePod(ON_1)).isEmpty();
        assertThat(attempt.isSettled()).isTrue();

        MemoryState state = attempt.state();
        PodSpec larger = ofPod("5Gi", app("a", guaranteed("1Gi")), app("b", ResourceRequirements.NONE));
        assertThat(manager.attempt(state, "pod", larger).isSettled()).isFalse();
        MemoryAttempt partly = manager.attempt(state.withoutContainer("pod", "b"), "pod", pod);
        assertThat(partly.isSettled()).isFalse();
        assertThat(partly.allocatePod(ON_0)).isEmpty();
        assertThat(partly.state()).isEqualTo(state);
    }

    @Test
    void a_pods_memory_is_shared_out_among_those_that_run_at_the_same_time() {
        PodSpec pod = ofPod(
                "10Gi",
                new ContainerSpec("first", ContainerKind.INIT, ResourceRequirements.NONE),
                new ContainerSpec("proxy", ContainerKind.SIDECAR, guaranteed("3Gi")),
                new ContainerSpec("second", ContainerKind.INIT, ResourceRequirements.NONE),
                new ContainerSpec("own", ContainerKind.INIT, guaranteed("5Gi")),
                app("database", guaranteed("4Gi")),
                app("shared", ResourceRequirements.NONE));
        MemoryAttempt attempt = manager.attempt(MemoryState.EMPTY, "pod", pod);
        assertThat(attempt.allocatePod(new TopologyHint(CpuSet.of(0, 1), true))).isEmpty();

        MemoryState.Pod has = attempt.state().pods().getOrDefault("pod", MemoryState.Pod.EMPTY);
        Map<String, Long> expected = Map.of(
                "first",
                10 * GI,
                "proxy",
                3 * GI,
                "second",
                7 * GI,
                "own",
                5 * GI,
                "database",
                4 * GI,
                "shared",
                3 * GI);
        expected.forEach((name, bytes) -> assertThat(has.containers().get(name))
                .as(name)
                .containsExactly(new MemoryBlock(CpuSet.of(0, 1), ResourceName.MEMORY, bytes)));
        assertThat(has.ofPod()).containsExactly(new MemoryBlock(CpuSet.of(0, 1), ResourceName.MEMORY, 10 * GI));
    }

    @Test
    void a_pod_whose_sidecars_leave_nothing_to_a_shared_init_container_is_refused() {
        PodSpec pod = ofPod(
                "4Gi",
                new ContainerSpec("early", ContainerKind.INIT, ResourceRequirements.NONE),
                new ContainerSpec("proxy", ContainerKind.SIDECAR, guaranteed("4Gi")),
                new ContainerSpec("late", ContainerKind.INIT, ResourceRequirements.NONE),
                app("a", ResourceRequirements.NONE));
        MemoryAttempt attempt = manager.attempt(MemoryState.EMPTY, "pod", pod);

        assertThat(attempt.allocatePod(ON_0))
                .contains(new Rejection(
                        Rejection.Manager.MEMORY,
                        "EmptyPodSharedPoolError",
                        "pod rejected, pod has shared init containers but no memory available for them",
                        "the pod asks for 4Gi of memory, its guaranteed containers for 4Gi; more for the pod, or less"
                                + " for them, would fit",
                        "asked memory 4Gi, none free beside 4Gi of guaranteed containers, more would fit"));
        assertThat(attempt.state()).isEqualTo(MemoryState.EMPTY);
    }

    @Test
    void a_pod_whose_exclusive_containers_leave_nothing_to_shared_ones_is_refused() {
        ContainerSpec proxy = new ContainerSpec("proxy", ContainerKind.SIDECAR, guaranteed("1Gi"));
        PodSpec full = ofPod("4Gi", proxy, app("a", guaranteed("3Gi")), app("b", ResourceRequirements.NONE));
        PodSpec exact = ofPod("4Gi", proxy, app("a", guaranteed("3Gi")));
        PodSpec roomy = ofPod("5Gi", proxy, app("a", guaranteed("3Gi")), app("b", ResourceRequirements.NONE));

        assertThat(allocatePod(full, ON_0).map(Rejection::message))
                .contains(
                        "pod rejected, sum of exclusive container memory requests equals pod budget, leaving no memory"
                                + " for shared containers");
        assertThat(allocatePod(exact, ON_0)).isEmpty();
        assertThat(allocatePod(roomy, ON_0)).isEmpty();
    }

    @Test
    void a_container_that_is_not_guaranteed_itself_shares_the_pods_memory() {
        ResourceRequirements burst = new ResourceRequirements(ResourceList.of("1", "1Gi"), ResourceList.of("1", "2Gi"));
        ResourceRequirements noCpu = new ResourceRequirements(ResourceList.of("0", "1Gi"), ResourceList.of("0", "1Gi"));
        PodSpec pod = ofPod("4Gi", app("own", guaranteed("1Gi")), app("burst", burst), app("no-cpu", noCpu));
        MemoryAttempt attempt = manager.attempt(MemoryState.EMPTY, "pod", pod);
        assertThat(attempt.allocatePod(ON_0)).isEmpty();

        MemoryState.Pod has = attempt.state().pods().getOrDefault("pod", MemoryState.Pod.EMPTY);
        List<MemoryBlock> rest = List.of(new MemoryBlock(CpuSet.of(0), ResourceName.MEMORY, 3 * GI));
        assertThat(has.containers()).containsEntry("burst", rest).containsEntry("no-cpu", rest);
    }

    @Test
    void where_pods_with_resources_of_their_own_are_not_served_they_get_nothing() {
        MemoryAttempt attempt = new MemoryManager(capacity, false)
                .attempt(MemoryState.EMPTY, "pod", ofPod("4Gi", app("own", guaranteed("1Gi"))));

        assertThat(attempt.isSettled()).isTrue();
        assertThat(attempt.containerHints(0)).isEmpty();
    }

    @Test
    void a_part_of_a_cpu_is_no_part_of_a_byte() {
        ResourceList amounts = ResourceList.of("1500m", "1Gi");
        PodSpec pod =
                new PodSpec(ResourceRequirements.NONE, List.of(app("c", new ResourceRequirements(amounts, amounts))));

        assertThat(manager.attempt(MemoryState.EMPTY, "pod", pod).allocate(0, ON_0))
                .isEmpty();
    }

    @Test
    void what_is_free_is_told_with_the_groups_that_it_is_kept_for() {
        assertThat(manager.free(on(ON_0, "2Gi"))).isEqualTo("free by NUMA node: 0 has memory 6Gi, 1 has memory 8Gi");
        assertThat(manager.free(on(new TopologyHint(CpuSet.of(0, 1), true), "9Gi")))
                .isEqualTo("free by NUMA node: 0 has memory 0 for blocks on 0-1 only, 1 has memory 7Gi for blocks on"
                        + " 0-1 only");
    }

    @Test
    void a_preferred_hint_without_enough_memory_is_refused_and_another_is_widened() {
        MemoryState busy = on(ON_0, "6Gi");

        assertThat(manager.attempt(busy, "pod", alone("4Gi")).allocate(0, ON_0).map(Rejection::message))
                .contains(unexpected("failed to find NUMA nodes to extend the current topology hint"));
        assertThat(manager.attempt(MemoryState.EMPTY, "pod", alone("9Gi")).allocate(0, ON_0))
                .isEmpty();
        assertThat(manager.attempt(MemoryState.EMPTY, "pod", alone("17Gi"))
                        .allocate(0, ON_0)
                        .map(Rejection::message))
                .contains(unexpected("failed to find NUMA nodes to extend the current topology hint"));
    }

    @Test
    void a_preferred_hint_that_would_mix_groups_of_nodes_is_refused() {
        TopologyHint both = new TopologyHint(CpuSet.of(0, 1), true);

        assertThat(manager.attempt(on(ON_0, "1Gi"), "pod", alone("4Gi"))
                        .allocate(0, both)
                        .map(Rejection::message))
                .contains(unexpected("preferred hint violates NUMA node allocation"));
        assertThat(manager.attempt(on(both, "9Gi"), "pod", alone("1Gi"))
                        .allocate(0, ON_1)
                        .map(Rejection::message))
                .contains(unexpected("preferred hint violates NUMA node allocation"));
        assertThat(manager.attempt(on(both, "9Gi"), "pod", alone("1Gi")).allocate(0, both))
                .isEmpty();
    }

    @Test
    void what_a_pod_as_a_whole_cannot_have_is_refused_before_anything_is_given() {
        assertThat(allocatePod(ofPod("17Gi", app("a", ResourceRequirements.NONE)), ON_0)
                        .map(Rejection::message))
                .contains(unexpected("failed to find NUMA nodes to extend the current topology hint"));
        assertThat(allocatePod(ofPod("1500m", app("a", ResourceRequirements.NONE)), ON_0)
                        .map(Rejection::message))
                .contains(unexpected("failed to represent quantity as int64"));
    }

    @Test
    void an_init_containers_memory_is_charged_once_with_that_of_the_next_on_the_same_node() {
        PodSpec pod = new PodSpec(
                ResourceRequirements.NONE,
                List.of(new ContainerSpec("init", ContainerKind.INIT, guaranteed("6Gi")), app("a", guaranteed("7Gi"))));
        MemoryAttempt attempt = manager.attempt(MemoryState.EMPTY, "pod", pod);

        assertThat(attempt.allocate(0, ON_0)).isEmpty();
        assertThat(attempt.allocate(1, ON_0)).isEmpty();
        MemoryState state = attempt.state();
        assertThat(MemoryUse.of(capacity, state).free(ResourceName.MEMORY)).isEqualTo(Map.of(0, GI, 1, 8 * GI));
        assertThat(manager.attempt(state, "pod", pod).containerHints(1)).hasSize(1);
    }

    @Test
    void a_running_init_container_still_leaves_its_memory_to_those_after_it() {
        PodSpec init = new PodSpec(
                ResourceRequirements.NONE,
                List.of(new ContainerSpec("init", ContainerKind.INIT, guaranteed("6Gi")), app("a", guaranteed("5Gi"))));
        MemoryAttempt first = manager.attempt(MemoryState.EMPTY, "pod", init);
        assertThat(first.allocate(0, ON_0)).isEmpty();

        MemoryAttempt again = manager.attempt(first.state(), "pod", init);
        assertThat(again.allocate(0, ON_0)).isEmpty();
        assertThat(again.allocate(1, ON_0)).isEmpty();
        assertThat(again.state().mems("pod", "a")).isEqualTo(CpuSet.of(0));
    }

    private Optional<Rejection> allocatePod(PodSpec pod, TopologyHint hint) {
        MemoryAttempt attempt = manager.attempt(MemoryState.EMPTY, "pod", pod);
        Optional<Rejection> rejection = attempt.allocatePod(hint);
        assertThat(attempt.state().equals(MemoryState.EMPTY)).isEqualTo(rejection.isPresent());
        return rejection;
    }

    private MemoryState on(TopologyHint hint, String memory) {
        MemoryAttempt attempt = manager.attempt(MemoryState.EMPTY, "busy", alone(memory));
        assertThat(attempt.allocate(0, hint)).isEmpty();
        return attempt.state();
    }

    private static String unexpected(String failure) {
        return "Allocate failed due to [memorymanager] " + failure + ", which is unexpected";
    }

    private static PodSpec ofPod(String memory, ContainerSpec... containers) {
        return new PodSpec(guaranteed(memory), List.of(containers));
    }

    private static PodSpec alone(String memory) {
        return new PodSpec(ResourceRequirements.NONE, List.of(app("c", guaranteed(memory))));
    }

    private static ContainerSpec app(String name, ResourceRequirements resources) {
        return new ContainerSpec(name, ContainerKind.APP, resources);
    }

    private static ResourceRequirements guaranteed(String memory) {
        ResourceList amounts = ResourceList.of("1", memory);
        return new ResourceRequirements(amounts, amounts);
    }
}
