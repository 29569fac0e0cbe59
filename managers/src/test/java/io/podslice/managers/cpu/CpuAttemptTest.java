package io.podslice.managers.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.cpu.CpuManager.Settings;
import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceRequirements;
import io.podslice.managers.topology.NumaNodes;
import io.podslice.managers.topology.Rejection;
import io.podslice.managers.topology.TopologyHint;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** One pod's attempt: present allocations that it keeps, and those that it cannot keep. */
class CpuAttemptTest {
    private static final TopologyHint ANYWHERE = new TopologyHint(null, false);
    private static final ContainerSpec INIT = container("init", ContainerKind.INIT, "1");
    private static final ContainerSpec A = container("a", ContainerKind.APP, "2");
    private static final ContainerSpec B = container("b", ContainerKind.APP, "500m");
    private static final ContainerSpec C = container("c", ContainerKind.APP, "2");

    private final Machine machine = Machine.regular(2, 1, 4, 1, 1L << 30);
    private final CpuManager manager = new CpuManager(new Settings(
            CpuTopology.of(machine),
            NumaNodes.of(machine),
            CpuManagerOptions.NONE,
            CpuSet.of(0),
            CpuSet.empty(),
            true));

    private CpuAttempt attempt(PodSpec pod, String ofPod, Map<String, String> containers) {
        Map<String, CpuSet> sets = new TreeMap<>();
        containers.forEach((name, cpus) -> sets.put(name, CpuSet.parse(cpus)));
        CpuManagerState state =
                CpuManagerState.EMPTY.with("pod", new CpuManagerState.Pod(CpuSet.parse(ofPod), new TreeMap<>(sets)));
        return manager.attempt(state, "pod", pod, Map.of(), true);
    }

    @Test
    void a_pod_is_settled_once_each_container_with_cpus_of_its_own_has_them() {
        PodSpec pod = new PodSpec(ResourceRequirements.NONE, List.of(INIT, A, B));

        assertThat(attempt(pod, "", Map.of()).isSettled()).isFalse();
        assertThat(attempt(pod, "", Map.of("a", "1-2")).isSettled()).isTrue();
        assertThat(attempt(pod, "", Map.of("a", "1-2", "init", "1")).isSettled())
                .isTrue();
        assertThat(attempt(pod, "", Map.of("a", "1")).isSettled()).isFalse();
        assertThat(attempt(pod, "", Map.of("init", "3")).isSettled()).isFalse();
        assertThat(attempt(pod, "", Map.of("a", "1-2", "b", "3")).isSettled()).isFalse();
        assertThat(attempt(pod, "1-2", Map.of("a", "1-2")).isSettled()).isFalse();
    }

    @Test
    void a_pod_with_a_set_of_its_own_is_settled_while_the_set_and_its_parts_are_sound() {
        PodSpec pod = new PodSpec(guaranteed("5"), List.of(INIT, A, B, C));
        Map<String, String> whole = Map.of("a", "1-2", "b", "5", "c", "3-4", "init", "1");

        assertThat(attempt(pod, "1-5", whole).isSettled()).isTrue();
        assertThat(attempt(pod, "1-5", Map.of("a", "1-2", "b", "5", "c", "3-4")).isSettled())
                .as("its init container has ended")
                .isTrue();
        assertThat(attempt(pod, "1-4", whole).isSettled()).as("another size").isFalse();
        assertThat(attempt(pod, "1-5", Map.of("a", "1-2", "c", "3-4")).isSettled())
                .as("nothing for b")
                .isFalse();
        assertThat(attempt(pod, "1-5", Map.of("a", "1-2", "b", "5", "c", "2-3")).isSettled())
                .as("CPU 2 twice")
                .isFalse();
        assertThat(attempt(pod, "1-5", Map.of("a", "1-2", "b", "5", "c", "3,6")).isSettled())
                .as("CPU 6 is not the pod's")
                .isFalse();
        assertThat(attempt(pod, "1-5", Map.of("a", "1", "b", "5", "c", "3-4")).isSettled())
                .as("too few for a")
                .isFalse();
        assertThat(attempt(pod, "1-5", Map.of()).isSettled()).isFalse();
    }

    @Test
    void who_asks_for_nothing_is_settled_and_told_nothing() {
        CpuAttempt attempt = attempt(new PodSpec(ResourceRequirements.NONE, List.of(B)), "", Map.of());

        assertThat(attempt.isSettled()).isTrue();
        assertThat(attempt.outlook()).isEmpty();
        assertThat(attempt.podHints()).isEmpty();
        assertThat(attempt.containerHints(0)).isEmpty();
        assertThat(attempt.allocatePod(ANYWHERE)).isEmpty();
    }

    @Test
    void parts_that_are_not_sound_are_cut_anew() {
        PodSpec pod = new PodSpec(guaranteed("5"), List.of(A, B, C));
        CpuAttempt attempt = attempt(pod, "1-5", Map.of("a", "1-2", "b", "5", "c", "2-3"));

        assertThat(attempt.allocatePod(ANYWHERE)).isEmpty();
        assertThat(attempt.isSettled()).isTrue();
        CpuManagerState.Pod has = attempt.state().pod("pod");
        assertThat(has.ofPod().size()).isEqualTo(5);
        assertThat(attempt.state().cpus("pod", "a").intersects(attempt.state().cpus("pod", "c")))
                .isFalse();
    }

    @Test
    void a_sound_set_of_another_size_is_refused() {
        PodSpec pod = new PodSpec(guaranteed("5"), List.of(A, B));
        CpuAttempt attempt = attempt(pod, "1-4", Map.of("a", "1-2", "b", "3-4"));

        assertThat(attempt.allocatePod(ANYWHERE).map(Rejection::message))
                .contains("Allocate failed due to the pod's CPUs 1-4 are not the 5 that it asks for, which is"
                        + " unexpected");
    }

    @Test
    void a_pod_without_a_set_gets_its_containers_one_by_one_until_one_is_refused() {
        PodSpec fits = new PodSpec(ResourceRequirements.NONE, List.of(A, C));
        CpuAttempt served = attempt(fits, "", Map.of());
        assertThat(served.allocatePod(ANYWHERE)).isEmpty();
        assertThat(served.state().pod("pod").all()).isEqualTo(CpuSet.parse("1-4"));

        PodSpec large =
                new PodSpec(ResourceRequirements.NONE, List.of(A, container("large", ContainerKind.APP, "6"), C));
        CpuAttempt refused = attempt(large, "", Map.of());
        assertThat(refused.allocatePod(ANYWHERE))
                .contains(new Rejection(
                        Rejection.Manager.CPU,
                        "UnexpectedAdmissionError",
                        "Allocate failed due to not enough cpus available to satisfy request: requested=6, available=5,"
                                + " which is unexpected",
                        "asked 10 CPUs; free by NUMA node: 0 has 3 (1-3), 1 has 4 (4-7); at most 4 would fit on one"
                                + " node, 7 on all",
                        "asked 6 CPUs, 5 free, 5 fit"));
        assertThat(refused.state().cpus("pod", "c").isEmpty()).isTrue();
    }

    @Test
    void a_pod_whose_own_set_cannot_be_had_is_refused_with_what_is_free() {
        PodSpec pod = new PodSpec(guaranteed("8"), List.of(A, B));

        assertThat(attempt(pod, "", Map.of()).allocatePod(ANYWHERE))
                .contains(new Rejection(
                        Rejection.Manager.CPU,
                        "UnexpectedAdmissionError",
                        "Allocate failed due to not enough cpus available to satisfy request: requested=8, available=7,"
                                + " which is unexpected",
                        "asked 8 CPUs; free by NUMA node: 0 has 3 (1-3), 1 has 4 (4-7); at most 4 would fit on one"
                                + " node, 7 on all",
                        "asked 8 CPUs, 7 free, 7 fit"));
    }

    private static ContainerSpec container(String name, ContainerKind kind, String cpu) {
        return new ContainerSpec(name, kind, guaranteed(cpu));
    }

    private static ResourceRequirements guaranteed(String cpu) {
        ResourceList amounts = ResourceList.of(cpu, "64Mi");
        return new ResourceRequirements(amounts, amounts);
    }
}
