package io.podslice.managers.placement;

import static io.podslice.managers.placement.Placing.app;
import static io.podslice.managers.placement.Placing.init;
import static io.podslice.managers.placement.Placing.plain;
import static io.podslice.managers.placement.Placing.pod;
import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.cpu.CpuManagerOptions;
import io.podslice.managers.memory.MemoryBlock;
import io.podslice.managers.placement.Placement.Rejected;
import io.podslice.managers.topology.TopologyPolicy;
import io.podslice.managers.topology.TopologyScope;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class PlacementResizeTest {
    private static final long GI = 1L << 30;

    /** 2 NUMA nodes of 4 cores with 2 threads: 0-3,8-11 and 4-7,12-15. */
    private final Machine machine = Machine.regular(2, 1, 4, 2, 16 * GI);

    private final Placing node = new Placing(machine, PlacementPolicy.DEFAULT);

    @Test
    void growsOnItsOwnCoresThenItsNodeThenElsewhereCoreByCore() {
        PodPlacement placed = node.place("p", pod(3, app("a", 2), app("b", 0)));
        assertThat(placed.cpus()).isEqualTo(CpuSet.parse("0-1,8"));

        assertThat(node.resize("p", 4).added()).containsExactly(9);
        PodPlacement ten = node.resize("p", 10);
        assertThat(ten.added()).containsExactly(9, 2, 10, 3, 11, 4, 12);
        assertThat(ten.containers()).isEqualTo(placed.containers());
    }

    @Test
    void shrinksByWhatWasAddedLast() {
        PodPlacement placed = node.place("p", pod(3, app("a", 2), app("b", 0)));
        PodPlacement ten = node.resize("p", 10);

        PodPlacement nine = node.resize("p", 9);
        assertThat(ten.cpus().minus(nine.cpus())).isEqualTo(CpuSet.of(12));
        assertThat(node.resize("p", 5).added()).containsExactly(9, 2);
        assertThat(node.resize("p", 3).cpus()).isEqualTo(placed.cpus());
    }

    @Test
    void belowWhatItWasAdmittedWithItKeepsItsSlices() {
        node.place("p", pod(6, app("a", 2), app("b", 0)));

        PodPlacement three = node.resize("p", 3);

        assertThat(three.cpus().size()).isEqualTo(3);
        assertThat(three.cpus().containsAll(three.sliced())).isTrue();
        assertThat(three.sharedPool().size()).isEqualTo(1);
        Rejected rejected = node.resizeRejected("p", 2);
        assertThat(rejected.never()).isTrue();
        assertThat(rejected.rejection().reason()).isEqualTo("Infeasible");
        assertThat(rejected.rejection().text())
                .isEqualTo("asked 2 CPUs; 2 of the pod's 3 are containers' own (0,8) and its shared containers need"
                        + " one\nat least 3 would do");
    }

    @Test
    void aPodWithoutSharingContainersShrinksToItsSlices() {
        PodPlacement placed = node.place("p", pod(6, app("a", 2)));

        assertThat(node.resize("p", 2).cpus()).isEqualTo(placed.sliced());
    }

    @Test
    void theCpusOfEndedInitContainersServeAsThePool() {
        node.place("p", pod(6, init("load", 6), app("a", 2), app("b", 0)));

        assertThat(node.resizeRejected("p", 5).rejection().text()).endsWith("at least 6 would do");
    }

    @Test
    void whatDoesNotFitNowIsDeferred() {
        node.place("p", pod(4));
        node.place("q", pod(10));

        Rejected rejected = node.resizeRejected("p", 6);

        assertThat(rejected.rejection().reason()).isEqualTo("Deferred");
        assertThat(rejected.never()).isFalse();
        assertThat(rejected.rejection().text())
                .isEqualTo(
                        "asked 6 CPUs, 2 more than the pod's 4 (0-1,8-9)\nfree by NUMA node: 0 has 2 (3,11), 1 has 0;"
                                + " one stays in the node shared pool; at most 1 would fit on one node, 1 on all");
    }

    @Test
    void whatCanNeverFitIsInfeasible() {
        node.place("p", pod(4));

        Rejected rejected = node.resizeRejected("p", 16);

        assertThat(rejected.rejection().reason()).isEqualTo("Infeasible");
        assertThat(rejected.rejection().text()).isEqualTo("asked 16 CPUs; this node never has more than 15 for pods");
    }

    @Test
    void underSingleNumaNodeItStaysOnItsNode() {
        Placing strict = new Placing(
                machine,
                PlacementPolicy.DEFAULT.withTopologyManager(TopologyPolicy.SINGLE_NUMA_NODE, TopologyScope.POD));
        strict.place("p", pod(4));

        assertThat(strict.resize("p", 8).cpus()).isEqualTo(machine.cpusOfNode(0));
        assertThat(strict.resizeRejected("p", 9).rejection().message())
                .isEqualTo("Resources cannot be allocated with Topology locality: asked 9 CPUs, 1 more than the pod's 8"
                        + " (0-3,8-11); they are on NUMA node 0 and stay there under topologyManagerPolicy"
                        + " single-numa-node");
    }

    @Test
    void underRestrictedItSpansNodesWhereItsSizeWouldAnyway() {
        Placing restricted = new Placing(
                machine, PlacementPolicy.DEFAULT.withTopologyManager(TopologyPolicy.RESTRICTED, TopologyScope.POD));
        restricted.place("p", pod(4));
        restricted.place("q", pod(2));

        assertThat(restricted.resize("p", 6).cpus()).isEqualTo(CpuSet.parse("0-1,3,8-9,11"));
        assertThat(restricted.resizeRejected("p", 8).rejection().reason()).isEqualTo("Deferred");
        assertThat(restricted.resize("p", 10).cpus().size()).isEqualTo(10);
    }

    @Test
    void withFullPhysicalCpusOnlyItGrowsAndShrinksByCores() {
        Placing full = new Placing(
                machine,
                PlacementPolicy.DEFAULT.withCpuManager(
                        CpuManagerPolicy.STATIC, CpuManagerOptions.of(Map.of("full-pcpus-only", "true"))));
        full.place("p", pod(4, app("a", 3), app("b", 0)));

        assertThat(full.resizeRejected("p", 5).rejection().message())
                .isEqualTo("SMT Alignment Error: requested 5 cpus not multiple cpus per core = 2");
        assertThat(full.resize("p", 8).cpus()).isEqualTo(CpuSet.parse("0-3,8-11"));
        assertThat(full.resize("p", 6).cpus()).isEqualTo(CpuSet.parse("0-2,8-10"));
        assertThat(full.resizeRejected("p", 2).rejection().message()).startsWith("asked 2 CPUs; 4 of the pod's 6");
    }

    @Test
    void memoryGrowsAndShrinksOnItsNodes() {
        Placing accounted = new Placing(
                machine,
                PlacementPolicy.DEFAULT
                        .withTopologyManager(TopologyPolicy.SINGLE_NUMA_NODE, TopologyScope.POD)
                        .withMemoryManager(MemoryManagerPolicy.STATIC, Map.of()));
        accounted.place("p", pod(2, "4Gi"));

        assertThat(accounted.placer().resize(accounted.all(), "p", new PodSizes(2, 12 * GI)))
                .isInstanceOfSatisfying(Placement.Placed.class, placed -> {
                    assertThat(placed.placement().memoryBytes()).isEqualTo(12 * GI);
                    assertThat(placed.placement().memoryNodes()).isEqualTo(CpuSet.of(0));
                });
        assertThat(accounted.placer().resize(accounted.all(), "p", new PodSizes(2, 17 * GI)))
                .isInstanceOfSatisfying(Rejected.class, it -> {
                    assertThat(it.rejection().reason()).isEqualTo("Deferred");
                    assertThat(it.rejection().text())
                            .isEqualTo("asked 17Gi of memory on NUMA node 0, where the pod's memory is and stays\n"
                                    + "free by NUMA node: 0 has memory 16Gi, 1 has memory 16Gi without the pod's own");
                });
    }

    @Test
    void itGrowsUntilOneCpuIsLeftOnTheNode() {
        node.place("p", pod(4));

        assertThat(node.resize("p", 15).cpus().size()).isEqualTo(15);
        assertThat(node.pool().size()).isEqualTo(1);
    }

    @Test
    void memoryThatContainersHaveByThemselvesGrowsAndShrinksOnItsNodes() {
        Placing accounted = new Placing(
                machine,
                PlacementPolicy.DEFAULT
                        .withTopologyManager(TopologyPolicy.SINGLE_NUMA_NODE, TopologyScope.POD)
                        .withMemoryManager(MemoryManagerPolicy.STATIC, Map.of()));
        PodPlacement placed = accounted.place("p", plain(app("a", 2), app("b", 1)));
        assertThat(placed.memoryNodes()).isEqualTo(CpuSet.of(0));

        PodPlacement grown = accounted.resize("p", memory(Map.of("a", 10 * GI, "b", 2 * GI)));

        assertThat(blocks(grown)).isEqualTo(Map.of("a", 10 * GI, "b", 2 * GI));
        assertThat(grown.memoryNodes()).isEqualTo(CpuSet.of(0));
        assertThat(grown.cpus()).isEqualTo(placed.cpus());
        Rejected rejected = accounted.resizeRejected("p", memory(Map.of("a", 15 * GI)));
        assertThat(rejected.never()).isFalse();
        assertThat(rejected.rejection().text())
                .isEqualTo("asked 17Gi of memory on NUMA node 0, where the pod's memory is and stays\n"
                        + "free by NUMA node: 0 has memory 16Gi, 1 has memory 16Gi without the pod's own");
        // Memory that one container gives back can be used by another in one resize.
        assertThat(blocks(accounted.resize("p", memory(Map.of("a", 15 * GI, "b", GI)))))
                .isEqualTo(Map.of("a", 15 * GI, "b", GI));
        assertThat(blocks(accounted.resize("p", memory(Map.of("a", GI))))).isEqualTo(Map.of("a", GI, "b", GI));
    }

    @Test
    void memoryOfAContainerThatHasNoneByItselfStaysUnaccounted() {
        Placing accounted =
                new Placing(machine, PlacementPolicy.DEFAULT.withMemoryManager(MemoryManagerPolicy.STATIC, Map.of()));
        PodPlacement placed = accounted.place("p", plain(app("a", 2)));

        assertThat(accounted.resize("p", memory(Map.of("late", GI)))).isEqualTo(placed);
    }

    private static PodSizes memory(Map<String, Long> containers) {
        return new PodSizes(0, 0, new TreeMap<>(), new TreeMap<>(containers));
    }

    private static Map<String, Long> blocks(PodPlacement pod) {
        Map<String, Long> bytes = new TreeMap<>();
        pod.memory()
                .containers()
                .forEach((name, blocks) -> bytes.put(
                        name, blocks.stream().mapToLong(MemoryBlock::bytes).sum()));
        return bytes;
    }
}
