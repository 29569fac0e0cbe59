package io.podslice.managers.placement;

import static io.podslice.managers.placement.Placing.app;
import static io.podslice.managers.placement.Placing.fraction;
import static io.podslice.managers.placement.Placing.plain;
import static io.podslice.managers.placement.Placing.pod;
import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceRequirements;
import io.podslice.managers.topology.TopologyPolicy;
import io.podslice.managers.topology.TopologyScope;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

final class SmallestMoveTest {
    private static final long GI = 1L << 30;
    private static final PlacementPolicy STRICT =
            PlacementPolicy.DEFAULT.withTopologyManager(TopologyPolicy.SINGLE_NUMA_NODE, TopologyScope.POD);

    /** 2 NUMA nodes of 4 cores with 2 threads: 0-3,8-11 and 4-7,12-15. */
    private final Machine machine = Machine.regular(2, 1, 4, 2, 16 * GI);

    private static Optional<SmallestMove> move(Placing node, PodSpec spec) {
        return node.placer().smallestMove(node.all(), "new", spec, Map.of(), Map.of());
    }

    @Test
    void thePodThatIsInTheWayIsNamedWithWhereItWouldGo() {
        Placing node = new Placing(machine, STRICT);
        node.place("a", pod(4));
        node.place("b", pod(2));
        node.place("c", pod(4));
        // Node 0 has a, b and 2 CPUs left, node 1 has c and 4.
        assertThat(node.rejected(pod(5)).never()).isFalse();

        SmallestMove move = move(node, pod(5)).orElseThrow();

        assertThat(move.uid()).isEqualTo("a");
        assertThat(move.from()).isEqualTo(CpuSet.parse("0-1,8-9"));
        assertThat(move.to()).isEqualTo(CpuSet.parse("6-7,14-15"));
        assertThat(move.fits().cpus()).isEqualTo(CpuSet.parse("0-1,3,8-9"));
    }

    @Test
    void ofTwoThatWouldDoTheSmallerMoves() {
        Placing node = new Placing(machine, STRICT);
        node.place("a", pod(2));
        node.place("b", pod(3));
        node.place("c", pod(4));

        // Either a or b could join c.
        SmallestMove move = move(node, pod(5)).orElseThrow();

        assertThat(move.uid()).isEqualTo("a");
        assertThat(move.size()).isEqualTo(2);
    }

    @Test
    void whereNoSingleMoveWouldDoThereIsNone() {
        Placing node = new Placing(machine, STRICT);
        node.place("a", pod(6));
        node.place("b", pod(6));

        assertThat(move(node, pod(5))).isEmpty();
        assertThat(move(node, pod(9))).isEmpty();
    }

    @Test
    void aPodIsAskedForWhatItHasNowAndNotForWhatItsSpecSaid() {
        Placing node = new Placing(machine, STRICT.withMemoryManager(MemoryManagerPolicy.STATIC, Map.of()));
        node.place("a", pod(2, "8Gi", app("x", 1), app("y", 0)));
        node.place("b", plain(app("p", 2), app("q", 1)));
        node.resize("a", 3);
        node.carve("b", "late", 1);

        NodePlacements all = node.all();
        all.pods().forEach((uid, has) -> {
            EqualDemand demand = EqualDemand.of(has);
            assertThat(node.placer().place(all, uid, demand.spec(), demand.exclusive()))
                    .as(uid)
                    .isInstanceOfSatisfying(Placement.Placed.class, placed -> {
                        assertThat(placed.placement().cpus()).isEqualTo(has.cpus());
                        assertThat(placed.placement().memoryNodes()).isEqualTo(has.memoryNodes());
                    });
        });
    }

    @RepeatedTest(300)
    void theAnswerIsOneThatCouldBeHad(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        int size = 2 + random.nextInt(7);
        Placing node = new Placing(machine, STRICT);
        for (int i = 0; i < 12; i++) {
            String uid = "p" + i;
            PodSpec spec = pod(1 + random.nextInt(4));
            if (node.placer().place(node.all(), uid, spec, Map.of()) instanceof Placement.Placed) {
                node.place(uid, spec);
            }
            if (random.nextInt(3) == 0) {
                node.remove("p" + random.nextInt(i + 1));
            }
        }
        if (node.placer().place(node.all(), "new", pod(size), Map.of()) instanceof Placement.Placed) {
            return;
        }
        move(node, pod(size)).ifPresent(move -> {
            CpuSet others = node.all().without(move.uid()).held();
            assertThat(move.fits().cpus().size()).isEqualTo(size);
            assertThat(move.to().size()).isEqualTo(move.from().size());
            assertThat(others.intersects(move.to())).isFalse();
            assertThat(others.intersects(move.fits().cpus())).isFalse();
            assertThat(move.to().intersects(move.fits().cpus())).isFalse();
        });
    }

    @Test
    void noPodMakesWayForItself() {
        Placing node = new Placing(machine, STRICT);
        node.found("new", PodPlacement.ofSet(CpuSet.parse("0-1,4-5")));
        // The pod was found on two NUMA nodes, which the policy does not admit.
        assertThat(node.placer().place(node.all(), "new", pod(4), Map.of())).isInstanceOf(Placement.Rejected.class);

        assertThat(move(node, pod(4))).isEmpty();
    }

    @Test
    void ofTwoThatWouldLeaveAsManyCpusTheSmallerMoves() {
        Placing node = new Placing(machine, STRICT);
        node.found("a", PodPlacement.ofSet(CpuSet.parse("0,4,12")));
        node.found("b", PodPlacement.ofSet(CpuSet.of(1)));
        node.found("c", PodPlacement.ofSet(CpuSet.parse("5-6,13")));
        // Node 0 lacks one CPU; a would leave 0 and keep the other two, b would leave 1.
        assertThat(node.rejected(pod(7)).never()).isFalse();

        SmallestMove move = move(node, pod(7)).orElseThrow();

        assertThat(move.size()).isEqualTo(1);
        assertThat(move.uid()).isEqualTo("b");
        node.remove("b");
        node.found("d", PodPlacement.ofSet(CpuSet.of(7)));
        SmallestMove other = move(node, pod(8)).orElseThrow();
        assertThat(other.uid()).isEqualTo("a");
        assertThat(other.from().minus(other.to())).isEqualTo(CpuSet.of(0));
    }

    @Test
    void whoMovesLeavesTheMemoryThatTheRejectedPodNeeds() {
        Placing node = new Placing(machine, STRICT.withMemoryManager(MemoryManagerPolicy.STATIC, Map.of()));
        node.place("a", pod(2, "8Gi"));
        node.place("filler", pod(6));
        assertThat(node.place("c", pod(2, "4Gi")).memoryNodes()).isEqualTo(CpuSet.of(1));
        PodPlacement d = node.place("d", pod(2, "5Gi"));
        assertThat(d.memoryNodes()).isEqualTo(CpuSet.of(1));
        node.remove("filler");

        // Node 0 has 8 GiB left, which only a could free; node 1 has 7.
        assertThat(move(node, pod(2, "14Gi"))).isEmpty();
        node.remove("d");
        SmallestMove move = move(node, pod(2, "14Gi")).orElseThrow();

        assertThat(move.uid()).isEqualTo("a");
        assertThat(machine.nodesOf(move.to())).isEqualTo(CpuSet.of(1));
        assertThat(move.fits().memoryNodes()).isEqualTo(CpuSet.of(0));
    }

    @Test
    void aPodIsAskedForTheMemoryOfItsContainersThatShareToo() {
        Placing node = new Placing(machine, STRICT.withMemoryManager(MemoryManagerPolicy.STATIC, Map.of()));
        PodPlacement has = node.place("p", plain(app("p", 2), fraction("q")));

        assertThat(again(node, has).memory()).isEqualTo(has.memory());
    }

    @Test
    void aPodIsAskedForTheMemoryThatItHasAsAWholeThoughItHasNoCpusSo() {
        Placing node = new Placing(machine, STRICT.withMemoryManager(MemoryManagerPolicy.STATIC, Map.of()));
        ResourceList amounts = ResourceList.of("1500m", "4Gi");
        node.place("p", new PodSpec(new ResourceRequirements(amounts, amounts), List.of(app("a", 0))));
        PodPlacement has = node.carve("p", "late", 1);
        assertThat(has.memoryBytes()).isEqualTo(4 * GI);

        assertThat(again(node, has).memoryBytes()).isEqualTo(4 * GI);
    }

    @Test
    void aPodWhoseMemoryIsNotAccountedIsAskedForNone() {
        Placing node = new Placing(machine, STRICT.withMemoryManager(MemoryManagerPolicy.STATIC, Map.of()));
        PodPlacement has = node.place(
                "p",
                plain(
                        app("a", 0),
                        new ContainerSpec(
                                "b",
                                ContainerKind.APP,
                                new ResourceRequirements(ResourceList.of("2", "1Gi"), ResourceList.EMPTY))),
                Map.of("b", true));
        assertThat(has.hasMemory()).isFalse();

        PodPlacement again = again(node, has);

        assertThat(again.hasMemory()).isFalse();
        assertThat(again.cpus().size()).isEqualTo(2);
    }

    /** Returns the placement that an equal pod would get on an empty node. */
    private static PodPlacement again(Placing node, PodPlacement has) {
        EqualDemand demand = EqualDemand.of(has);
        return new Placing(node.placer()).place("again", demand.spec(), demand.exclusive());
    }
}
