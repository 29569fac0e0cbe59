package io.podslice.managers.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Cpu;
import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.cpu.CpuManager.Settings;
import io.podslice.managers.cpu.CpuManagerOptions.Option;
import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceRequirements;
import io.podslice.managers.topology.NumaNodes;
import io.podslice.managers.topology.Rejection;
import io.podslice.managers.topology.TopologyHint;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Cases that the kubelet's tables do not have. */
class CpuManagerTest {
    private static final TopologyHint ANYWHERE = new TopologyHint(null, false);

    /** 2 NUMA nodes of 4 cores with 2 threads: CPUs 0-3 and 8-11, 4-7 and 12-15. */
    private static final Machine MACHINE = Machine.regular(2, 1, 4, 2, 1L << 30);

    @Test
    void a_container_that_its_owner_calls_exclusive_has_cpus_of_its_own_in_a_burstable_pod() {
        CpuManager manager = manager(MACHINE, Set.of(), CpuSet.of(0, 8));
        PodSpec pod = new PodSpec(
                new ResourceRequirements(ResourceList.of("4", "1Gi"), ResourceList.of("6", "1Gi")),
                List.of(app("worker", guaranteed("2")), app("sidecar", ResourceRequirements.NONE)));
        Map<String, Boolean> owner = Map.of("worker", true);
        CpuAttempt attempt = manager.attempt(CpuManagerState.EMPTY, "pod", pod, owner, true);
        assertThat(attempt.allocatePod(new TopologyHint(CpuSet.of(1), true))).isEmpty();
        assertThat(attempt.state().cpus("pod", "worker")).isEqualTo(CpuSet.of(4, 12));
        assertThat(isolation(manager, attempt, pod, owner, "worker")).isEqualTo(Isolation.CONTAINER);
        assertThat(isolation(manager, attempt, pod, owner, "sidecar")).isEqualTo(Isolation.HOST);
    }

    @Test
    void a_container_that_its_owner_calls_shared_stays_in_the_pod_shared_pool() {
        CpuManager manager = manager(MACHINE, Set.of(), CpuSet.of(0, 8));
        PodSpec pod = new PodSpec(guaranteed("4"), List.of(app("a", guaranteed("2")), app("b", guaranteed("2"))));
        Map<String, Boolean> owner = Map.of("b", false);
        CpuAttempt attempt = manager.attempt(CpuManagerState.EMPTY, "pod", pod, owner, true);
        assertThat(attempt.allocatePod(ANYWHERE)).isEmpty();
        assertThat(isolation(manager, attempt, pod, owner, "a")).isEqualTo(Isolation.CONTAINER);
        assertThat(isolation(manager, attempt, pod, owner, "b")).isEqualTo(Isolation.POD);
    }

    @Test
    void a_slice_lies_on_one_numa_node_where_the_pods_set_spans_two() {
        CpuManager manager = manager(MACHINE, Set.of(), CpuSet.of(0, 8));
        PodSpec pod = new PodSpec(
                guaranteed("10"),
                List.of(
                        app("big", guaranteed("4")),
                        app("small", guaranteed("2")),
                        app("rest", ResourceRequirements.NONE)));
        CpuManagerState other = CpuManagerState.EMPTY.with(
                "other", new CpuManagerState.Pod(CpuSet.empty(), new TreeMap<>(Map.of("c", CpuSet.of(1, 2, 9)))));
        CpuAttempt attempt = manager.attempt(other, "pod", pod, Map.of(), true);
        assertThat(attempt.allocatePod(ANYWHERE)).isEmpty();
        CpuTopology topology = CpuTopology.of(MACHINE);
        assertThat(topology.numaNodesOf(attempt.state().pod("pod").ofPod())).isEqualTo(CpuSet.of(0, 1));
        assertThat(topology.numaNodesOf(attempt.state().cpus("pod", "big")).size())
                .isOne();
        assertThat(topology.isWholeCores(attempt.state().cpus("pod", "big"))).isTrue();
        assertThat(topology.numaNodesOf(attempt.state().cpus("pod", "small")).size())
                .isOne();
    }

    @Test
    void a_running_pod_stays_on_a_node_that_has_no_whole_core_left() {
        CpuManager manager = manager(MACHINE, Set.of(Option.FULL_PCPUS_ONLY), CpuSet.of(0, 8));
        PodSpec pod = new PodSpec(ResourceRequirements.NONE, List.of(app("c", guaranteed("14"))));
        CpuAttempt first = manager.attempt(CpuManagerState.EMPTY, "pod", pod, Map.of(), false);
        assertThat(first.allocate(0, ANYWHERE)).isEmpty();
        CpuAttempt again = manager.attempt(first.state(), "pod", pod, Map.of(), false);
        assertThat(again.allocate(0, ANYWHERE)).isEmpty();
        assertThat(again.state()).isEqualTo(first.state());
        assertThat(again.isSettled()).isTrue();
    }

    @Test
    void full_pcpus_only_never_takes_half_cores_even_where_the_hint_has_nothing_else() {
        CpuManager manager = manager(MACHINE, Set.of(Option.FULL_PCPUS_ONLY), CpuSet.of(0));
        CpuManagerState halves = CpuManagerState.EMPTY.with(
                "other", new CpuManagerState.Pod(CpuSet.empty(), new TreeMap<>(Map.of("c", CpuSet.of(1, 2, 3)))));
        PodSpec pod = new PodSpec(ResourceRequirements.NONE, List.of(app("c", guaranteed("2"))));
        CpuAttempt attempt = manager.attempt(halves, "pod", pod, Map.of(), false);
        assertThat(attempt.allocate(0, new TopologyHint(CpuSet.of(0), false))).isEmpty();
        assertThat(attempt.state().cpus("pod", "c")).isEqualTo(CpuSet.of(4, 12));
    }

    @Test
    void an_odd_request_under_full_pcpus_only_is_told_what_would_fit() {
        CpuManager manager = manager(MACHINE, Set.of(Option.FULL_PCPUS_ONLY), CpuSet.of(0, 8));
        PodSpec pod = new PodSpec(ResourceRequirements.NONE, List.of(app("c", guaranteed("3"))));
        CpuAttempt attempt = manager.attempt(CpuManagerState.EMPTY, "pod", pod, Map.of(), false);
        assertThat(attempt.allocate(0, ANYWHERE))
                .contains(new Rejection(
                        Rejection.Manager.CPU,
                        "SMTAlignmentError",
                        "SMT Alignment Error: requested 3 cpus not multiple cpus per core = 2",
                        "2 or 4 CPUs would fit"));
    }

    @Test
    void the_node_shared_pool_keeps_its_last_cpu() {
        CpuManager manager = manager(MACHINE, Set.of(), CpuSet.empty());
        PodSpec pod = new PodSpec(guaranteed("16"), List.of(app("c", guaranteed("16"))));
        CpuAttempt attempt = manager.attempt(CpuManagerState.EMPTY, "pod", pod, Map.of(), true);
        Optional<Rejection> rejection = attempt.allocatePod(ANYWHERE);
        assertThat(rejection.map(Rejection::message))
                .contains("Allocate failed due to not enough cpus available to satisfy request: requested=16,"
                        + " available=15, which is unexpected");
        assertThat(rejection.map(Rejection::detail))
                .contains("asked 16 CPUs; free by NUMA node: 0 has 8 (0-3,8-11), 1 has 8 (4-7,12-15); one stays in the"
                        + " node shared pool; at most 8 would fit on one node, 15 on all");
    }

    @Test
    void isolated_cpus_are_nobodys() {
        Machine machine = MACHINE.withIsolated(CpuSet.parse("4-7,12-15"));
        CpuManager manager = manager(machine, Set.of(), CpuSet.of(0, 8));
        assertThat(manager.nodeSharedPool(CpuManagerState.EMPTY)).isEqualTo(CpuSet.parse("0-3,8-11"));
        PodSpec pod = new PodSpec(guaranteed("7"), List.of(app("c", guaranteed("7"))));
        CpuAttempt attempt = manager.attempt(CpuManagerState.EMPTY, "pod", pod, Map.of(), true);
        assertThat(attempt.allocatePod(ANYWHERE)).isPresent();
    }

    @Test
    void strictly_reserved_cpus_are_in_no_pool() {
        CpuManager manager = manager(MACHINE, Set.of(Option.STRICT_CPU_RESERVATION), CpuSet.of(0, 8));
        assertThat(manager.nodeSharedPool(CpuManagerState.EMPTY)).isEqualTo(CpuSet.parse("1-7,9-15"));
    }

    @Test
    void slices_that_do_not_fit_in_the_pods_set_refuse_the_pod_and_leave_nothing_behind() {
        CpuManager manager = manager(MACHINE, Set.of(), CpuSet.of(0, 8));
        PodSpec pod = new PodSpec(guaranteed("4"), List.of(app("a", guaranteed("3")), app("b", guaranteed("2"))));
        CpuAttempt attempt = manager.attempt(CpuManagerState.EMPTY, "pod", pod, Map.of(), true);
        assertThat(attempt.allocatePod(ANYWHERE).map(Rejection::text))
                .hasValueSatisfying(text -> assertThat(text)
                        .contains("requested=2, available=1", "container b asks for 2 of the pod's 4 CPUs"));
    }

    @Test
    void a_pod_whose_slices_leave_its_sidecars_nothing_is_told_so() {
        CpuManager manager = manager(MACHINE, Set.of(), CpuSet.of(0, 8));
        PodSpec pod =
                new PodSpec(guaranteed("2"), List.of(app("a", guaranteed("2")), app("b", ResourceRequirements.NONE)));
        CpuAttempt attempt = manager.attempt(CpuManagerState.EMPTY, "pod", pod, Map.of(), true);
        assertThat(attempt.allocatePod(ANYWHERE)).hasValueSatisfying(rejection -> {
            assertThat(rejection.reason()).isEqualTo("EmptyPodSharedPoolError");
            assertThat(rejection.message())
                    .isEqualTo("pod rejected, sum of exclusive container cpu requests equals pod budget,"
                            + " leaving no cpus for shared containers");
        });
        PodSpec init = new PodSpec(
                guaranteed("2"),
                List.of(
                        new ContainerSpec("s", ContainerKind.SIDECAR, guaranteed("2")),
                        new ContainerSpec("i", ContainerKind.INIT, ResourceRequirements.NONE)));
        assertThat(manager.attempt(CpuManagerState.EMPTY, "pod", init, Map.of(), true)
                        .allocatePod(ANYWHERE)
                        .map(Rejection::message))
                .contains("pod rejected, pod has shared init containers but no cpus available for them");
    }

    @Test
    void an_l3_that_fits_with_other_than_its_lowest_cores_is_used_on_request() {
        List<Cpu> cpus = new ArrayList<>();
        for (int id = 0; id < 16; id++) {
            cpus.add(new Cpu(id, id % 8, 0, 0, id % 8 / 4));
        }
        CpuTopology topology = CpuTopology.of(cpus);
        CpuAssignment assignment = new CpuAssignment(topology);
        // In each L3 the lowest core has one thread left, so that two cores never hold exactly four CPUs.
        CpuSet available = topology.all().minus(CpuSet.of(8, 12, 5));
        assertThat(assignment.packed(available, 4, CpuSorting.PACKED, L3Preference.EXACT_FIT))
                .isEqualTo(CpuSet.of(1, 2, 9, 10));
        assertThat(assignment.packed(available, 4, CpuSorting.PACKED, L3Preference.BEST_FIT))
                .isEqualTo(CpuSet.of(6, 7, 14, 15));
    }

    @Test
    void what_a_pod_had_is_free_when_its_last_container_is_gone() {
        CpuManager manager = manager(MACHINE, Set.of(), CpuSet.of(0, 8));
        PodSpec pod =
                new PodSpec(guaranteed("4"), List.of(app("a", guaranteed("2")), app("b", ResourceRequirements.NONE)));
        CpuAttempt attempt = manager.attempt(CpuManagerState.EMPTY, "pod", pod, Map.of(), true);
        assertThat(attempt.allocatePod(ANYWHERE)).isEmpty();
        CpuManagerState one = attempt.state().withoutContainer("pod", "a");
        assertThat(one.held()).isEqualTo(attempt.state().held());
        assertThat(one.withoutContainer("pod", "b")).isEqualTo(CpuManagerState.EMPTY);
        assertThat(one.withoutContainer("pod", "x")).isEqualTo(one);
    }

    private static Isolation isolation(
            CpuManager manager, CpuAttempt attempt, PodSpec pod, Map<String, Boolean> owner, String container) {
        return manager.isolation(attempt.state(), "pod", pod, owner, container);
    }

    private static CpuManager manager(Machine machine, Set<Option> options, CpuSet reserved) {
        return new CpuManager(new Settings(
                CpuTopology.of(machine),
                NumaNodes.of(machine),
                new CpuManagerOptions(options),
                reserved,
                machine.isolated(),
                true));
    }

    private static ContainerSpec app(String name, ResourceRequirements resources) {
        return new ContainerSpec(name, ContainerKind.APP, resources);
    }

    private static ResourceRequirements guaranteed(String cpu) {
        ResourceList amounts = ResourceList.of(cpu, "100Mi");
        return new ResourceRequirements(amounts, amounts);
    }
}
