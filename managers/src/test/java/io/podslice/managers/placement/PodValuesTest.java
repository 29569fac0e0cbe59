package io.podslice.managers.placement;

import static io.podslice.managers.placement.Placing.app;
import static io.podslice.managers.placement.Placing.plain;
import static io.podslice.managers.placement.Placing.pod;
import static io.podslice.managers.placement.Placing.sidecar;
import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.cpu.Isolation;
import io.podslice.managers.pod.Cfs;
import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceRequirements;
import io.podslice.managers.topology.TopologyPolicy;
import io.podslice.managers.topology.TopologyScope;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class PodValuesTest {
    private static final ContainerSpec DEBUG =
            new ContainerSpec("debug", ContainerKind.EPHEMERAL, ResourceRequirements.NONE);

    /** 2 NUMA nodes of 4 cores with 2 threads: 0-3,8-11 and 4-7,12-15. */
    private final Machine machine = Machine.regular(2, 1, 4, 2, 16L << 30);

    private final PlacementPolicy policy =
            PlacementPolicy.DEFAULT.withMemoryManager(MemoryManagerPolicy.STATIC, Map.of());

    private PodValues values(PodSpec pod) {
        Placing node = new Placing(machine, policy);
        PodPlacement placement = node.place("uid", pod);
        return PodValues.of(pod, placement, node.pool(), ResourceList.EMPTY, Cfs.DEFAULT);
    }

    @Test
    void aContainerWithCpusOfItsOwnHasNoQuotaAndTheOthersHaveThePods() {
        PodValues values = values(pod(4, app("main", 2), sidecar("logs", 0), DEBUG));
        assertThat(values.cgroup().cpuQuotaMicros()).isEqualTo(400_000);
        PodValues.Container main = values.containers().get(0);
        assertThat(main.isolation()).isEqualTo(Isolation.CONTAINER);
        assertThat(main.cpus()).isEqualTo(CpuSet.parse("0,8"));
        assertThat(main.mems()).isEqualTo(CpuSet.of(0));
        assertThat(main.resources().cpuQuotaMicros()).isEqualTo(-1);
        assertThat(main.resources().cpuPeriodMicros()).isEqualTo(100_000);
        assertThat(main.resources().cpusetCpus()).isEqualTo("0,8");
        assertThat(main.resources().cpusetMems()).isEqualTo("0");
        PodValues.Container logs = values.containers().get(1);
        assertThat(logs.kind()).isEqualTo(ContainerKind.SIDECAR);
        assertThat(logs.isolation()).isEqualTo(Isolation.POD);
        assertThat(logs.cpus()).isEqualTo(CpuSet.parse("1,9"));
        assertThat(logs.resources().cpuQuotaMicros()).isEqualTo(400_000);
        assertThat(logs.resources().memoryLimitBytes()).isEqualTo(1L << 30);
    }

    @Test
    void anEphemeralContainerRunsOnTheNodeAndInheritsNothing() {
        PodValues.Container debug = values(pod(4, app("main", 2), app("rest", 0), DEBUG))
                .containers()
                .get(2);
        assertThat(debug.isolation()).isEqualTo(Isolation.HOST);
        assertThat(debug.cpus()).isEqualTo(CpuSet.parse("2-7,10-15"));
        assertThat(debug.mems()).isEqualTo(CpuSet.empty());
        assertThat(debug.resources()).isEqualTo(LinuxResources.NONE.withCpuset("2-7,10-15", ""));
    }

    @Test
    void thePodsQuotaIsLiftedWhereItWouldThrottleOnlyThoseWithCpusOfTheirOwn() {
        assertThat(values(pod(2, app("all", 2))).cgroup().cpuQuotaMicros()).isEqualTo(-1);
        assertThat(values(pod(2, app("all", 2), DEBUG)).cgroup().cpuQuotaMicros())
                .isEqualTo(-1);
        assertThat(values(pod(4, app("some", 2), app("rest", 0))).cgroup().cpuQuotaMicros())
                .isEqualTo(400_000);
        // For a pod without pod-level resources one such container is enough.
        assertThat(values(plain(app("one", 2), Placing.fraction("other")))
                        .cgroup()
                        .cpuQuotaMicros())
                .isEqualTo(-1);
        assertThat(values(plain(Placing.fraction("a"), Placing.fraction("b")))
                        .cgroup()
                        .cpuQuotaMicros())
                .isEqualTo(100_000);
    }

    @ParameterizedTest
    @EnumSource(TopologyPolicy.class)
    void podsGetSetsUnderScopePodAndAnyTopologyPolicy(TopologyPolicy topology) {
        PlacementPolicy pods = policy.withTopologyManager(topology, TopologyScope.POD);
        PlacementPolicy containers = policy.withTopologyManager(topology, TopologyScope.CONTAINER);
        assertThat(pods.givesPodSets()).isEqualTo(topology != TopologyPolicy.NONE);
        assertThat(containers.givesPodSets()).isFalse();
        assertThat(pods.withCpuManager(CpuManagerPolicy.NONE, pods.cpuManagerPolicyOptions())
                        .givesPodSets())
                .isFalse();
    }

    @Test
    void policiesAndMovesReadAsUsersKnowThem() {
        assertThat(List.of(CpuManagerPolicy.NONE.text(), CpuManagerPolicy.STATIC.text()))
                .containsExactly("none", "static");
        assertThat(List.of(MemoryManagerPolicy.NONE.text(), MemoryManagerPolicy.STATIC.text()))
                .containsExactly("None", "Static");
        SmallestMove move = new SmallestMove("uid", CpuSet.parse("0-1"), CpuSet.parse("1-2"), PodPlacement.NONE);
        assertThat(move.text("shop/db")).isEqualTo("it would fit if pod shop/db had CPUs 1-2 instead of 0-1");
        assertThat(move.size()).isEqualTo(1);
    }
}
