package io.podslice.managers.placement;

import static io.podslice.managers.placement.Placing.app;
import static io.podslice.managers.placement.Placing.fraction;
import static io.podslice.managers.placement.Placing.init;
import static io.podslice.managers.placement.Placing.plain;
import static io.podslice.managers.placement.Placing.pod;
import static io.podslice.managers.placement.Placing.sidecar;
import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.cpu.CpuManagerOptions;
import io.podslice.managers.placement.Placement.Rejected;
import io.podslice.managers.topology.TopologyPolicy;
import io.podslice.managers.topology.TopologyScope;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Containers with exclusive CPUs that are resized to more or fewer of them. */
final class SliceResizeTest {
    private static final long GI = 1L << 30;

    /** 2 NUMA nodes of 4 cores with 2 threads: 0-3,8-11 and 4-7,12-15. */
    private final Machine machine = Machine.regular(2, 1, 4, 2, 16 * GI);

    private final Placing node = new Placing(machine, PlacementPolicy.DEFAULT);

    private Placing fullCores() {
        return new Placing(
                machine,
                PlacementPolicy.DEFAULT.withCpuManager(
                        CpuManagerPolicy.STATIC, CpuManagerOptions.of(Map.of("full-pcpus-only", "true"))));
    }

    private static PodSizes sizes(int cpus, Map<String, Integer> slices) {
        return new PodSizes(cpus, 0, new TreeMap<>(slices), new TreeMap<>());
    }

    private static ContainerPlacement slice(PodPlacement pod, String container) {
        return pod.container(container).orElseThrow();
    }

    private static CpuSet own(PodPlacement pod, String container) {
        return slice(pod, container).own();
    }

    @Test
    void aSliceGrowsOutOfThePodSharedPoolCoreByCore() {
        PodPlacement placed = node.place("p", pod(6, app("a", 1), app("b", 0)));
        assertThat(own(placed, "a")).isEqualTo(CpuSet.of(0));

        PodPlacement grown = node.resize("p", sizes(6, Map.of("a", 4)));

        assertThat(own(grown, "a")).isEqualTo(CpuSet.parse("0-1,8-9"));
        assertThat(slice(grown, "a").added()).containsExactly(8, 1, 9);
        assertThat(grown.ofPod()).isEqualTo(placed.ofPod());
        assertThat(grown.sharedPool()).isEqualTo(CpuSet.parse("2,10"));
    }

    @Test
    void aSliceGivesBackWhatWasAddedLastAndOnlyThenWhatItWasAdmittedWith() {
        node.place("p", pod(8, app("a", 2), app("b", 0)));
        node.resize("p", sizes(8, Map.of("a", 4)));
        PodPlacement six = node.resize("p", sizes(8, Map.of("a", 6)));
        assertThat(slice(six, "a").added()).containsExactly(1, 9, 2, 10);

        PodPlacement five = node.resize("p", sizes(8, Map.of("a", 5)));
        assertThat(own(five, "a")).isEqualTo(CpuSet.parse("0-2,8-9"));
        assertThat(slice(five, "a").added()).containsExactly(1, 9, 2);
        assertThat(five.sharedPool()).isEqualTo(CpuSet.parse("3,10-11"));

        PodPlacement two = node.resize("p", sizes(8, Map.of("a", 2)));
        assertThat(own(two, "a")).isEqualTo(CpuSet.parse("0,8"));
        assertThat(slice(two, "a").added()).isEmpty();

        assertThat(own(node.resize("p", sizes(8, Map.of("a", 1))), "a")).isEqualTo(CpuSet.of(0));
    }

    @Test
    void onlySlicesThatAreNamedAndExistChange() {
        PodPlacement placed = node.place("p", pod(6, app("a", 2), app("b", 0), app("c", 2)));

        assertThat(node.resize("p", sizes(6, Map.of("a", 2, "b", 1, "x", 1)))).isEqualTo(placed);
        assertThat(own(node.resize("p", sizes(6, Map.of("a", 3))), "c")).isEqualTo(own(placed, "c"));
    }

    @Test
    void oneCpuOfThePodSharedPoolStaysForThoseWhoShare() {
        node.place("p", pod(6, app("a", 2), app("b", 0)));

        Rejected rejected = node.resizeRejected("p", sizes(6, Map.of("a", 6)));

        assertThat(rejected.never()).isTrue();
        assertThat(rejected.rejection().reason()).isEqualTo("Infeasible");
        assertThat(rejected.rejection().text())
                .isEqualTo("container \"a\" asked 6 CPUs for itself; it has 2 (0,8); the pod shared pool has 4"
                        + " (1-2,9-10) and keeps one\nat most 5 would fit into the pod's 6 CPUs");
        assertThat(node.resize("p", sizes(6, Map.of("a", 5))).sharedPool()).isEqualTo(CpuSet.of(10));
    }

    @Test
    void whereNobodySharesASliceTakesTheWholePool() {
        node.place("p", pod(6, app("a", 2), app("c", 2)));

        assertThat(node.resizeRejected("p", sizes(6, Map.of("a", 5)))
                        .rejection()
                        .text())
                .isEqualTo("container \"a\" asked 5 CPUs for itself; it has 2 (0,8); the pod shared pool has 2 (2,10)"
                        + "\nat most 4 would fit into the pod's 6 CPUs");
        PodPlacement grown = node.resize("p", sizes(6, Map.of("a", 4)));
        assertThat(own(grown, "a")).isEqualTo(CpuSet.parse("0,2,8,10"));
        assertThat(own(grown, "c")).isEqualTo(CpuSet.parse("1,9"));
        assertThat(node.resizeRejected("p", sizes(6, Map.of("c", 3)))
                        .rejection()
                        .text())
                .isEqualTo("container \"c\" asked 3 CPUs for itself; it has 2 (1,9); the pod shared pool has 0"
                        + "\nat most 2 would fit into the pod's 6 CPUs");
    }

    @Test
    void oneSliceGrowsByWhatAnotherGivesInTheSameResize() {
        PodPlacement placed = node.place("p", pod(6, app("a", 2), app("c", 4)));

        PodPlacement swapped = node.resize("p", sizes(6, Map.of("a", 4, "c", 2)));

        assertThat(own(swapped, "a").size()).isEqualTo(4);
        assertThat(own(swapped, "a").containsAll(own(placed, "a"))).isTrue();
        assertThat(own(placed, "c").containsAll(own(swapped, "c"))).isTrue();
        assertThat(own(swapped, "a").intersects(own(swapped, "c"))).isFalse();
        assertThat(swapped.cpus()).isEqualTo(placed.cpus());
    }

    @Test
    void aPodAndItsSliceGrowAndShrinkTogether() {
        PodPlacement placed = node.place("p", pod(4, app("a", 2), app("b", 0)));

        PodPlacement grown = node.resize("p", sizes(8, Map.of("a", 7)));
        assertThat(grown.cpus()).isEqualTo(machine.cpusOfNode(0));
        assertThat(grown.sharedPool().size()).isEqualTo(1);

        assertThat(node.resize("p", sizes(4, Map.of("a", 2)))).isEqualTo(placed);
    }

    @Test
    void theFirstSliceThatDoesNotFitRefusesThemAll() {
        PodPlacement placed = node.place("p", pod(6, app("a", 2), app("b", 0), app("c", 2)));

        assertThat(node.resizeRejected("p", sizes(6, Map.of("a", 4, "c", 3)))
                        .rejection()
                        .message())
                .startsWith("container \"a\" asked 4 CPUs");
        assertThat(node.resizeRejected("p", sizes(6, Map.of("a", 3, "c", 3)))
                        .rejection()
                        .message())
                .startsWith("container \"c\" asked 3 CPUs");
        assertThat(node.all().pods()).containsEntry("p", placed);
    }

    @Test
    void anAppGrowsIntoTheCpusOfEndedInitContainersButNoInitContainerIntoAnothers() {
        node.place("p", pod(4, init("load", 3), init("warm", 1), sidecar("mesh", 1), app("a", 1)));

        PodPlacement grown = node.resize("p", sizes(4, Map.of("a", 3)));
        assertThat(own(grown, "a").intersects(own(grown, "load"))).isTrue();
        assertThat(own(grown, "a").intersects(own(grown, "mesh"))).isFalse();
        assertThat(node.resizeRejected("p", sizes(4, Map.of("a", 4)))
                        .rejection()
                        .detail())
                .isEqualTo("at most 3 would fit into the pod's 4 CPUs");
        assertThat(node.resizeRejected("p", sizes(4, Map.of("warm", 2)))
                        .rejection()
                        .detail())
                .isEqualTo("at most 1 would fit into the pod's 4 CPUs");
    }

    @Test
    void aSidecarGrowsIntoTheCpusOfInitContainersBeforeItButNotOfThoseThatRunBesideIt() {
        PodPlacement placed = node.place("p", pod(6, init("early", 5), sidecar("mesh", 1), init("late", 2)));
        assertThat(own(placed, "early").intersects(own(placed, "mesh"))).isTrue();
        assertThat(own(placed, "late").intersects(own(placed, "mesh"))).isFalse();

        assertThat(node.resizeRejected("p", sizes(6, Map.of("mesh", 5)))
                        .rejection()
                        .detail())
                .isEqualTo("at most 4 would fit into the pod's 6 CPUs");
        PodPlacement grown = node.resize("p", sizes(6, Map.of("mesh", 4)));
        assertThat(own(grown, "mesh")).isEqualTo(placed.ofPod().minus(own(placed, "late")));
    }

    @Test
    void inAPodWithoutASetASliceGrowsOutOfTheNodeAndGoesBackIntoIt() {
        PodPlacement placed = node.place("p", plain(app("a", 2), fraction("b"), app("c", 1)));
        node.place("q", pod(2));
        assertThat(node.pool()).isEqualTo(CpuSet.parse("3-7,9,11-15"));

        PodPlacement grown = node.resize("p", sizes(0, Map.of("a", 5)));

        assertThat(slice(grown, "a").added()).containsExactly(3, 11, 9);
        assertThat(own(grown, "a")).isEqualTo(CpuSet.parse("0,3,8-9,11"));
        assertThat(own(grown, "c")).isEqualTo(CpuSet.of(1));
        assertThat(node.pool()).isEqualTo(CpuSet.parse("4-7,12-15"));

        assertThat(node.resize("p", sizes(0, Map.of("a", 2)))).isEqualTo(placed);
    }

    @Test
    void oneCpuStaysInTheNodeSharedPoolWhenASliceGrows() {
        node.place("p", plain(app("a", 2), fraction("b")));
        node.place("q", pod(8));

        Rejected later = node.resizeRejected("p", sizes(0, Map.of("a", 8)));

        assertThat(later.never()).isFalse();
        assertThat(later.rejection().reason()).isEqualTo("Deferred");
        assertThat(later.rejection().text())
                .isEqualTo("container \"a\" asked 8 CPUs for itself; it has 2 (0,8)\nfree by NUMA node: 0 has 6"
                        + " (1-3,9-11), 1 has 0; one stays in the node shared pool; at most 5 would fit on one node,"
                        + " 5 on all");
        assertThat(own(node.resize("p", sizes(0, Map.of("a", 7))), "a").size()).isEqualTo(7);
    }

    @Test
    void aSliceLargerThanTheNodeIsInfeasible() {
        node.place("p", plain(app("a", 2)));

        Rejected never = node.resizeRejected("p", sizes(0, Map.of("a", 16)));

        assertThat(never.never()).isTrue();
        assertThat(never.rejection().text())
                .isEqualTo("container \"a\" asked 16 CPUs for itself; it has 2 (0,8); this node never has more than 15"
                        + " for pods");
        assertThat(own(node.resize("p", sizes(0, Map.of("a", 15))), "a").size()).isEqualTo(15);
    }

    @Test
    void underSingleNumaNodeASliceStaysOnItsNode() {
        Placing strict = new Placing(
                machine,
                PlacementPolicy.DEFAULT.withTopologyManager(TopologyPolicy.SINGLE_NUMA_NODE, TopologyScope.POD));
        strict.place("p", plain(app("a", 2)));

        Rejected rejected = strict.resizeRejected("p", sizes(0, Map.of("a", 9)));

        assertThat(rejected.rejection().reason()).isEqualTo("Deferred");
        assertThat(rejected.rejection().message())
                .isEqualTo("Resources cannot be allocated with Topology locality: container \"a\" asked 9 CPUs for"
                        + " itself; it has 2 (0,8); they are on NUMA node 0 and stay there under topologyManagerPolicy"
                        + " single-numa-node");
        assertThat(own(strict.resize("p", sizes(0, Map.of("a", 8))), "a")).isEqualTo(machine.cpusOfNode(0));
    }

    @Test
    void withFullPhysicalCpusOnlySlicesOfTheNodeAreWholeCores() {
        Placing full = fullCores();
        full.place("p", plain(app("a", 4)));

        for (int odd : new int[] {3, 5}) {
            Rejected rejected = full.resizeRejected("p", sizes(0, Map.of("a", odd)));
            assertThat(rejected.never()).isTrue();
            assertThat(rejected.rejection().message())
                    .isEqualTo("SMT Alignment Error: requested " + odd + " cpus not multiple cpus per core = 2");
        }
        assertThat(own(full.resize("p", sizes(0, Map.of("a", 6))), "a")).isEqualTo(CpuSet.parse("0-2,8-10"));
        assertThat(own(full.resize("p", sizes(0, Map.of("a", 2))), "a")).isEqualTo(CpuSet.parse("0,8"));
    }

    @Test
    void withFullPhysicalCpusOnlyContainersOfAPodMayShareACoreOfIts() {
        Placing full = fullCores();
        full.place("p", pod(6, app("a", 4), app("b", 0)));

        assertThat(own(full.resize("p", sizes(6, Map.of("a", 3))), "a").size()).isEqualTo(3);
        assertThat(own(full.resize("p", sizes(6, Map.of("a", 5))), "a").size()).isEqualTo(5);
    }

    @Test
    void underPolicyNoneASliceFromBeforeStaysAsItIs() {
        Placing none = new Placing(
                machine, PlacementPolicy.DEFAULT.withCpuManager(CpuManagerPolicy.NONE, CpuManagerOptions.NONE));
        PodPlacement before = node.place("p", plain(app("a", 2)));
        none.found("p", before);

        for (int count : new int[] {1, 3}) {
            Rejected rejected = none.resizeRejected("p", sizes(0, Map.of("a", count)));
            assertThat(rejected.never()).isTrue();
            assertThat(rejected.rejection().text())
                    .isEqualTo("container \"a\" asked " + count + " CPUs for itself; it has 2 (0,8); it has them from"
                            + " before cpuManagerPolicy was none, which neither adds nor removes CPUs");
        }
        assertThat(none.resize("p", sizes(0, Map.of("a", 2)))).isEqualTo(before);
    }
}
