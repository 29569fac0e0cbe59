package io.podslice.managers.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.memory.MemoryCapacity.Amount;
import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.Quantity;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceName;
import io.podslice.managers.pod.ResourceRequirements;
import io.podslice.managers.topology.Rejection;
import io.podslice.managers.topology.TopologyHint;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Cases that the kubelet's tables do not have. */
class MemoryManagerTest {
    private static final long GI = 1L << 30;
    private static final TopologyHint ANYWHERE = new TopologyHint(null, false);
    private static final Machine MACHINE = Machine.regular(2, 1, 4, 2, 8 * GI).withHugepages(1, 2L << 20, 512);

    private final MemoryCapacity capacity = MemoryCapacity.of(MACHINE, Map.of(0, Map.of(ResourceName.MEMORY, GI)));

    private final MemoryManager manager = new MemoryManager(capacity, true);

    @Test
    void what_pods_can_have_is_without_what_is_reserved_and_without_huge_pages() {
        assertThat(capacity.byNode().get(0))
                .containsOnly(Map.entry(ResourceName.MEMORY, new Amount(8 * GI, GI, 7 * GI)));
        assertThat(capacity.byNode().get(1))
                .containsOnly(
                        Map.entry(ResourceName.MEMORY, new Amount(8 * GI, 0, 7 * GI)),
                        Map.entry(new ResourceName("hugepages-2Mi"), new Amount(GI, 0, GI)));
    }

    @Test
    void memory_cannot_be_reserved_on_a_node_that_is_not_there() {
        assertThatThrownBy(() -> MemoryCapacity.of(MACHINE, Map.of(2, Map.of(ResourceName.MEMORY, GI))))
                .hasMessage("the reserved memory configuration references a NUMA node 2 that does not exist on this"
                        + " machine");
    }

    @Test
    void nodes_that_others_use_one_by_one_are_left_alone_where_nobody_insists() {
        MemoryState busy = allocated(MemoryState.EMPTY, "busy", "6Gi", new TopologyHint(CpuSet.of(0), true));
        // Kubernetes issue 138495: a hint for both nodes, which nothing prefers, though node 1 would do.
        MemoryState state = allocated(busy, "pod", "4Gi", new TopologyHint(CpuSet.of(0, 1), false));
        assertThat(state.mems("pod", "c")).isEqualTo(CpuSet.of(1));
    }

    @Test
    void a_refusal_says_what_is_free_where() {
        MemoryState busy = allocated(MemoryState.EMPTY, "busy", "6Gi", new TopologyHint(CpuSet.of(0), true));
        MemoryAttempt attempt = manager.attempt(busy, "pod", pod("9Gi"));
        Optional<Rejection> rejection = attempt.allocate(0, ANYWHERE);
        assertThat(rejection)
                .contains(new Rejection(
                        Rejection.Manager.MEMORY,
                        "UnexpectedAdmissionError",
                        "Allocate failed due to [memorymanager] failed to get the default NUMA affinity, no NUMA nodes"
                                + " with enough memory is available, which is unexpected",
                        "asked memory 9Gi; free by NUMA node: 0 has memory 1Gi, 1 has hugepages-2Mi 1Gi and memory 7Gi;"
                                + " at most memory 7Gi would fit on one node",
                        "asked memory 9Gi, 8Gi free, 7Gi fit on a node"));
        assertThat(attempt.state()).isEqualTo(busy);
    }

    @Test
    void half_a_byte_is_refused() {
        MemoryAttempt attempt = manager.attempt(MemoryState.EMPTY, "pod", pod("1500m"));
        assertThat(attempt.allocate(0, ANYWHERE).map(Rejection::message))
                .contains("Allocate failed due to [memorymanager] failed to represent quantity as int64, which is"
                        + " unexpected");
    }

    @Test
    void a_machine_that_lost_memory_keeps_its_pods_and_takes_no_more_than_it_has() {
        MemoryState state = allocated(MemoryState.EMPTY, "pod", "6Gi", new TopologyHint(CpuSet.of(0), true));
        MemoryCapacity shrunk = MemoryCapacity.of(Machine.regular(2, 1, 4, 2, 4 * GI), Map.of());
        MemoryUse use = MemoryUse.of(shrunk, state);
        assertThat(use.free(ResourceName.MEMORY)).isEqualTo(Map.of(0, 0L, 1, 4 * GI));
        assertThat(state.misfits(shrunk)).isEmpty();
        MemoryCapacity half = MemoryCapacity.of(Machine.regular(1, 1, 4, 2, 8 * GI), Map.of());
        MemoryState onGone = allocated(MemoryState.EMPTY, "pod", "6Gi", new TopologyHint(CpuSet.of(1), true));
        assertThat(onGone.misfits(half))
                .containsExactly(
                        "[memorymanager] (pod: pod, container: c) the memory assignment uses the NUMA that does"
                                + " not exist");
    }

    @Test
    void an_ended_init_container_has_nothing_any_more() {
        ResourceRequirements two = guaranteed("2Gi");
        PodSpec pod = new PodSpec(
                ResourceRequirements.NONE,
                List.of(
                        new ContainerSpec("app", ContainerKind.APP, guaranteed("1Gi")),
                        new ContainerSpec("init", ContainerKind.INIT, two),
                        new ContainerSpec("sidecar", ContainerKind.SIDECAR, two)));
        MemoryAttempt attempt = manager.attempt(MemoryState.EMPTY, "pod", pod);
        for (int i = 0; i < 3; i++) {
            assertThat(attempt.allocate(i, ANYWHERE)).isEmpty();
        }
        assertThat(attempt.isSettled()).isTrue();
        MemoryState started = attempt.state().afterStartOf("pod", pod, "sidecar");
        assertThat(started.mems("pod", "init").isEmpty()).isTrue();
        assertThat(attempt.state().afterStartOf("pod", pod, "init")).isEqualTo(attempt.state());
        assertThat(attempt.state().afterStartOf("pod", pod, "debugger")).isEqualTo(attempt.state());
        assertThat(MemoryUse.of(capacity, started).free(ResourceName.MEMORY).get(0))
                .isEqualTo(4 * GI);
    }

    @Test
    void huge_pages_are_found_where_they_are() {
        PodSpec pod = new PodSpec(
                ResourceRequirements.NONE, List.of(new ContainerSpec("c", ContainerKind.APP, hugepages("64Mi"))));
        MemoryAttempt attempt = manager.attempt(MemoryState.EMPTY, "pod", pod);
        assertThat(attempt.allocate(0, ANYWHERE)).isEmpty();
        assertThat(attempt.state().mems("pod", "c")).isEqualTo(CpuSet.of(1));
    }

    private static ResourceRequirements hugepages(String bytes) {
        ResourceList amounts =
                ResourceList.of("1", "1Gi").with(new ResourceName("hugepages-2Mi"), Quantity.parse(bytes));
        return new ResourceRequirements(amounts, amounts);
    }

    private MemoryState allocated(MemoryState state, String uid, String memory, TopologyHint hint) {
        MemoryAttempt attempt = manager.attempt(state, uid, pod(memory));
        assertThat(attempt.allocate(0, hint)).isEmpty();
        return attempt.state();
    }

    private static PodSpec pod(String memory) {
        return new PodSpec(
                ResourceRequirements.NONE, List.of(new ContainerSpec("c", ContainerKind.APP, guaranteed(memory))));
    }

    private static ResourceRequirements guaranteed(String memory) {
        ResourceList amounts = ResourceList.of("1", memory);
        return new ResourceRequirements(amounts, amounts);
    }
}
