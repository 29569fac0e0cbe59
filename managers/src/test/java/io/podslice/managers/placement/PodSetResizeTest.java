package io.podslice.managers.placement;

import static io.podslice.managers.placement.Placing.app;
import static io.podslice.managers.placement.Placing.demand;
import static io.podslice.managers.placement.Placing.init;
import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.placement.Placement.Rejected;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class PodSetResizeTest {
    private static final long GI = 1L << 30;

    /** 2 NUMA nodes of 4 cores with 2 threads: 0-3,8-11 and 4-7,12-15. */
    private final Machine machine = Machine.regular(2, 1, 4, 2, 16 * GI);

    private final Placing node = new Placing(machine, PlacementPolicy.DEFAULT);

    @Test
    void growsOnItsOwnCoresThenItsNodeThenElsewhere() {
        PodPlacement pod = node.place(demand(3, app("a", 2), app("b", 0)));
        assertThat(pod.cpus()).isEqualTo(CpuSet.parse("0-1,8"));

        PodPlacement four = node.resize(pod, 4);
        assertThat(four.added()).containsExactly(9);
        PodPlacement ten = node.resize(four, 10);
        assertThat(ten.added()).containsExactly(9, 2, 3, 10, 11, 4, 12);
        assertThat(ten.slices()).isEqualTo(pod.slices());
    }

    @Test
    void shrinksByWhatWasAddedLast() {
        PodPlacement pod = node.place(demand(3, app("a", 2), app("b", 0)));
        PodPlacement ten = node.resize(pod, 10);

        PodPlacement nine = node.resize(ten, 9);
        assertThat(ten.cpus().minus(nine.cpus())).isEqualTo(CpuSet.of(12));
        PodPlacement five = node.resize(nine, 5);
        assertThat(five.added()).containsExactly(9, 2);
        assertThat(node.resize(five, 3).cpus()).isEqualTo(pod.cpus());
    }

    @Test
    void belowWhatItWasAdmittedWithItKeepsItsSlices() {
        PodPlacement pod = node.place(demand(6, app("a", 2), app("b", 0)));

        PodPlacement three = node.resize(pod, 3);

        assertThat(three.cpus().size()).isEqualTo(3);
        assertThat(three.cpus().containsAll(pod.sliced())).isTrue();
        assertThat(three.sharedPool(Set.of()).size()).isEqualTo(1);
        Rejected rejected = node.resizeRejected(three, 2);
        assertThat(rejected.reason()).isEqualTo("Infeasible");
        assertThat(rejected.message())
                .isEqualTo("asked 2 CPUs; 2 of the pod's 3 are containers' own (0,8) and its shared containers need"
                        + " one; at least 3 would do");
    }

    @Test
    void aPodWithoutSharingContainersShrinksToItsSlices() {
        PodPlacement pod = node.place(demand(6, app("a", 2)));

        assertThat(node.resize(pod, 2).cpus()).isEqualTo(pod.sliced());
    }

    @Test
    void theCpusOfEndedInitContainersServeAsThePool() {
        PodPlacement pod = node.place(demand(6, init("load", 6), app("a", 2), app("b", 0)));

        Rejected rejected = node.resizeRejected(pod, 5);

        assertThat(rejected.message()).endsWith("at least 6 would do");
    }

    @Test
    void whatDoesNotFitNowIsDeferred() {
        PodPlacement pod = node.place(demand(4));
        node.place(demand(10));

        Rejected rejected = node.resizeRejected(pod, 6);

        assertThat(rejected.reason()).isEqualTo("Deferred");
        assertThat(rejected.never()).isFalse();
        assertThat(rejected.message())
                .startsWith("asked 6 CPUs, 2 more than the pod's 4 (0-1,8-9); free by NUMA node: ");
    }

    @Test
    void whatCanNeverFitIsInfeasible() {
        PodPlacement pod = node.place(demand(4));

        Rejected rejected = node.resizeRejected(pod, 16);

        assertThat(rejected.reason()).isEqualTo("Infeasible");
        assertThat(rejected.message()).isEqualTo("asked 16 CPUs; this node never has more than 15 for pods");
    }

    @Test
    void underSingleNumaNodeItStaysOnItsNode() {
        Placing strict = new Placing(machine, Placing.policy(TopologyManagerPolicy.SINGLE_NUMA_NODE));
        PodPlacement pod = strict.place(demand(4));

        assertThat(strict.resize(pod, 8).cpus()).isEqualTo(machine.cpusOfNode(0));

        Rejected rejected = strict.resizeRejected(strict.place(demand(4)), 9);
        assertThat(rejected.reason()).isEqualTo("Deferred");
    }

    @Test
    void underStaticMemoryTheMemoryMustBeThereToo() {
        Placing accounted =
                new Placing(machine, Placing.policyOfMemory(TopologyManagerPolicy.SINGLE_NUMA_NODE, Map.of()));
        PodPlacement pod = accounted.place(new PodDemand(2, 4 * GI, List.of()));

        Placement grown = accounted.placer().resize(pod, 2, 12 * GI, accounted.free());
        assertThat(grown)
                .isInstanceOfSatisfying(
                        Placement.Placed.class,
                        placed -> assertThat(placed.placement().memory()).containsEntry(0, 12 * GI));

        Placement rejected = accounted.placer().resize(pod, 2, 17 * GI, accounted.free());
        assertThat(rejected).isInstanceOfSatisfying(Rejected.class, it -> {
            assertThat(it.reason()).isEqualTo("Deferred");
            assertThat(it.message()).contains("where 17179869184 are free for the pod");
        });
    }
}
