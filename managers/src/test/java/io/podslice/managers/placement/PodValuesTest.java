package io.podslice.managers.placement;

import static io.podslice.managers.placement.Placing.app;
import static io.podslice.managers.placement.Placing.plain;
import static io.podslice.managers.placement.Placing.pod;
import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.pod.Cfs;
import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.ContainerSpec;
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

    private long quotaMicros(PodSpec pod) {
        PodPlacement placement = new Placing(machine, policy).place("uid", pod);
        return PodValues.cgroup(pod, placement, ResourceList.EMPTY, Cfs.DEFAULT).cpuQuotaMicros();
    }

    @Test
    void thePodsQuotaIsLiftedWhereItWouldThrottleOnlyThoseWithCpusOfTheirOwn() {
        assertThat(quotaMicros(pod(2, app("all", 2)))).isEqualTo(-1);
        assertThat(quotaMicros(pod(2, app("all", 2), DEBUG))).isEqualTo(-1);
        assertThat(quotaMicros(pod(4, app("some", 2), app("rest", 0)))).isEqualTo(400_000);
        // Of a pod without resources of its own one such container is enough.
        assertThat(quotaMicros(plain(app("one", 2), Placing.fraction("other")))).isEqualTo(-1);
        assertThat(quotaMicros(plain(Placing.fraction("a"), Placing.fraction("b"))))
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
