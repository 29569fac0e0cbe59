package io.podslice.managers.placement;

import static io.podslice.managers.placement.Placing.app;
import static io.podslice.managers.placement.Placing.plain;
import static io.podslice.managers.placement.Placing.pod;
import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.topology.TopologyPolicy;
import io.podslice.managers.topology.TopologyScope;
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
}
