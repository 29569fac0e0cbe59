package io.podslice.managers.placement;

import static io.podslice.managers.placement.Placing.app;
import static io.podslice.managers.placement.Placing.demand;
import static io.podslice.managers.placement.Placing.init;
import static io.podslice.managers.placement.Placing.sidecar;
import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.placement.Placement.Rejected;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class BestFitPlacerTest {
    private static final long GI = 1L << 30;

    /** 2 NUMA nodes of 4 cores with 2 threads: 0-3,8-11 and 4-7,12-15. */
    private final Machine machine = Machine.regular(2, 1, 4, 2, 16 * GI);

    private Placing placing(PlacementPolicy policy) {
        return new Placing(machine, policy);
    }

    @Test
    void aPodGoesWhereItLeavesTheLeast() {
        Placing node = placing(PlacementPolicy.DEFAULT);

        assertThat(node.place(demand(2)).cpus()).isEqualTo(CpuSet.parse("0,8"));
        // Node 0 has 6 free CPUs now, node 1 has 8.
        assertThat(node.place(demand(4)).cpus()).isEqualTo(CpuSet.parse("1-2,9-10"));
        assertThat(node.place(demand(4)).cpus()).isEqualTo(CpuSet.parse("4-5,12-13"));
        assertThat(node.place(demand(2)).cpus()).isEqualTo(CpuSet.parse("3,11"));
    }

    @Test
    void brokenCoresAreFilledUpBeforeOthersAreBroken() {
        Placing node = placing(PlacementPolicy.DEFAULT);

        assertThat(node.place(demand(3)).cpus()).isEqualTo(CpuSet.parse("0-1,8"));
        assertThat(node.place(demand(1)).cpus()).isEqualTo(CpuSet.parse("9"));
        assertThat(node.place(demand(3)).cpus()).isEqualTo(CpuSet.parse("2-3,10"));
    }

    @Test
    void underBestEffortAPodThatFitsNoNodeSpansThem() {
        Placing node = placing(PlacementPolicy.DEFAULT);

        CpuSet cpus = node.place(demand(12)).cpus();

        assertThat(cpus.size()).isEqualTo(12);
        assertThat(machine.nodesOf(cpus)).isEqualTo(CpuSet.of(0, 1));
    }

    @Test
    void underSingleNumaNodeSuchAPodIsRejectedWithTheNumbers() {
        Placing node = placing(Placing.policy(TopologyManagerPolicy.SINGLE_NUMA_NODE));
        node.place(demand(3));
        node.place(demand(6));

        Rejected rejected = node.rejected(demand(6));

        assertThat(rejected.reason()).isEqualTo("TopologyAffinityError");
        assertThat(rejected.message())
                .isEqualTo("Resources cannot be allocated with Topology locality: asked 6 CPUs under"
                        + " topologyManagerPolicy single-numa-node; free by NUMA node: 0 has 5 CPUs (2-3,9-11),"
                        + " 1 has 2 CPUs (7,15); at most 5 CPUs would fit on one node");
        assertThat(rejected.never()).isFalse();
    }

    @Test
    void underRestrictedAPodSpansNodesOnlyWhereItWouldOnAnEmptyMachine() {
        Placing node = placing(Placing.policy(TopologyManagerPolicy.RESTRICTED));
        node.place(demand(3));

        assertThat(node.place(demand(10)).cpus().size()).isEqualTo(10);

        Placing crowded = placing(Placing.policy(TopologyManagerPolicy.RESTRICTED));
        crowded.place(demand(3));
        crowded.place(demand(3));
        crowded.place(demand(3));
        assertThat(crowded.rejected(demand(6)).reason()).isEqualTo("TopologyAffinityError");
    }

    @Test
    void oneCpuStaysInTheNodeSharedPool() {
        Placing node = placing(PlacementPolicy.DEFAULT);

        Rejected rejected = node.rejected(demand(16));

        assertThat(rejected.reason()).isEqualTo("UnexpectedAdmissionError");
        assertThat(rejected.message())
                .contains("not enough cpus available to satisfy request: requested=16, available=15")
                .contains("one CPU stays in the node shared pool")
                .endsWith("at most 15 CPUs would fit");
        assertThat(rejected.never()).isTrue();
        assertThat(node.place(demand(15)).cpus().size()).isEqualTo(15);
        assertThat(node.pool().cpus().size()).isEqualTo(1);
    }

    @Test
    void reservedCpusAreSharedAndNeverGiven() {
        PlacementPolicy policy = Placing.policy(TopologyManagerPolicy.BEST_EFFORT, Set.of(), CpuSet.parse("0,8"));
        Placing node = placing(policy);

        assertThat(node.place(demand(14)).cpus()).isEqualTo(CpuSet.parse("1-7,9-15"));
        assertThat(node.pool().cpus()).isEqualTo(CpuSet.parse("0,8"));
        assertThat(node.rejected(demand(1)).message()).contains("requested=1, available=0");
    }

    @Test
    void underStrictReservationReservedCpusAreNotSharedEither() {
        PlacementPolicy policy = Placing.policy(
                TopologyManagerPolicy.BEST_EFFORT,
                Set.of(CpuManagerPolicyOption.STRICT_CPU_RESERVATION),
                CpuSet.parse("0,8"));
        Placing node = placing(policy);

        assertThat(node.pool().cpus()).isEqualTo(CpuSet.parse("1-7,9-15"));
        assertThat(node.rejected(demand(14)).message()).contains("available=13");
        assertThat(node.place(demand(13)).cpus().size()).isEqualTo(13);
    }

    @Test
    void offlineAndIsolatedCpusAreInNoPool() {
        Machine odd = machine.withOffline(CpuSet.parse("12-15")).withIsolated(CpuSet.parse("4-5"));
        Placing node = new Placing(odd, PlacementPolicy.DEFAULT);

        assertThat(node.pool().cpus()).isEqualTo(CpuSet.parse("0-3,6-11"));
        assertThat(node.place(demand(9)).cpus()).isEqualTo(CpuSet.parse("0-3,6,8-11"));
    }

    @Test
    void fullPhysicalCpusOnlyAreGivenByCores() {
        PlacementPolicy policy = Placing.policy(
                TopologyManagerPolicy.BEST_EFFORT, Set.of(CpuManagerPolicyOption.FULL_PCPUS_ONLY), CpuSet.parse("0"));
        Placing node = placing(policy);

        assertThat(node.rejected(demand(3)).message())
                .isEqualTo("SMT Alignment Error: requested 3 cpus not multiple cpus per core = 2; 4 would do");
        assertThat(node.rejected(demand(16)).message())
                .startsWith("SMT Alignment Error: not enough free physical CPUs: available physical CPUs = 14,"
                        + " requested CPUs = 16, CPUs per core = 2");
        // CPU 8's core is broken by the reserved CPU 0.
        assertThat(node.place(demand(14)).cpus()).isEqualTo(CpuSet.parse("1-7,9-15"));
    }

    @Test
    void underStaticMemoryTheNodeMustHaveTheMemoryToo() {
        Placing node = placing(Placing.policyOfMemory(TopologyManagerPolicy.SINGLE_NUMA_NODE, Map.of(0, GI)));

        PodPlacement first = node.place(new PodDemand(2, 16 * GI, List.of()));
        assertThat(first.cpus()).isEqualTo(CpuSet.parse("4,12"));
        assertThat(first.memory()).isEqualTo(Map.of(1, 16 * GI));
        assertThat(node.place(new PodDemand(2, 10 * GI, List.of())).memory()).isEqualTo(Map.of(0, 10 * GI));
        assertThat(node.rejected(new PodDemand(2, 6 * GI, List.of())).message())
                .isEqualTo("Allocate failed due to not enough memory on the NUMA nodes: requested=6Gi, which is"
                        + " unexpected; free by NUMA node: 0 has 6 CPUs (1-3,9-11) and 5Gi, 1 has 6 CPUs"
                        + " (5-7,13-15) and 0");
    }

    @Test
    void memoryThatFitsNoNodeIsSpreadUnderBestEffort() {
        Placing node = placing(Placing.policyOfMemory(TopologyManagerPolicy.BEST_EFFORT, Map.of()));

        PodPlacement pod = node.place(new PodDemand(2, 20 * GI, List.of()));

        assertThat(pod.memory()).isEqualTo(new TreeMap<>(Map.of(0, 16 * GI, 1, 4 * GI)));
    }

    @Test
    void slicesAreCutFromThePodsSetAndTheRestIsItsSharedPool() {
        PodPlacement pod =
                placing(PlacementPolicy.DEFAULT).place(demand(8, app("db", 5), sidecar("log", 0), sidecar("agent", 2)));

        assertThat(pod.of("db", Set.of())).isEqualTo(new ContainerCpus.Exclusive(CpuSet.parse("0-2,8-9")));
        assertThat(pod.of("agent", Set.of())).isEqualTo(new ContainerCpus.Exclusive(CpuSet.parse("3,11")));
        assertThat(pod.of("log", Set.of())).isEqualTo(new ContainerCpus.PodShared(CpuSet.parse("10")));
        assertThat(pod.of("debugger", Set.of())).isEqualTo(new ContainerCpus.NodeShared());
    }

    @Test
    void slicesOfAPodOnTwoNodesStayOnOneEachWhereTheyCan() {
        PodPlacement pod = placing(PlacementPolicy.DEFAULT).place(demand(12, app("a", 6), app("b", 4), app("c", 0)));

        assertThat(machine.nodesOf(pod.slice("a").orElseThrow().cpus()).size()).isEqualTo(1);
        assertThat(machine.nodesOf(pod.slice("b").orElseThrow().cpus()).size()).isEqualTo(1);
    }

    @Test
    void aPodWithoutASetOfItsOwnHasItsSlicesAlone() {
        PodPlacement pod = placing(PlacementPolicy.DEFAULT).place(demand(0, app("a", 2), app("b", 0), app("c", 1)));

        assertThat(pod.cpus()).isEqualTo(CpuSet.parse("0-1,8"));
        assertThat(pod.sliced()).isEqualTo(pod.cpus());
        assertThat(pod.sharedPool(Set.of())).isEqualTo(CpuSet.empty());
        assertThat(pod.of("b", Set.of())).isEqualTo(new ContainerCpus.NodeShared());
    }

    @Test
    void anInitContainerUsesTheCpusOfThoseThatStartLater() {
        PodPlacement pod = placing(PlacementPolicy.DEFAULT)
                .place(demand(8, sidecar("mesh", 2), init("load", 4), app("db", 4), app("log", 0)));

        CpuSet mesh = pod.slice("mesh").orElseThrow().cpus();
        CpuSet load = pod.slice("load").orElseThrow().cpus();
        assertThat(load).isEqualTo(pod.slice("db").orElseThrow().cpus());
        assertThat(load.intersects(mesh)).isFalse();
        assertThat(pod.of("log", Set.of("load"))).isEqualTo(pod.of("log", Set.of()));
    }

    @Test
    void whileALargeInitContainerRunsThePodSharedPoolIsSmaller() {
        PodPlacement pod =
                placing(PlacementPolicy.DEFAULT).place(demand(8, sidecar("log", 0), init("load", 7), app("db", 4)));

        CpuSet load = pod.slice("load").orElseThrow().cpus();
        assertThat(pod.sharedPool(Set.of()).size()).isEqualTo(4);
        assertThat(pod.sharedPool(Set.of("load")).size()).isEqualTo(1);
        assertThat(pod.sharedPool(Set.of("load")).intersects(load)).isFalse();
    }

    @Test
    void aSharedInitContainerHasAllButTheSidecarsBeforeIt() {
        PodPlacement pod = placing(PlacementPolicy.DEFAULT)
                .place(demand(8, sidecar("mesh", 2), init("setup", 0), app("db", 4), app("log", 0)));

        assertThat(pod.of("setup", Set.of("setup")))
                .isEqualTo(new ContainerCpus.PodShared(
                        pod.cpus().minus(pod.slice("mesh").orElseThrow().cpus())));
    }

    @Test
    void slicesMustLeaveCpusForContainersThatShare() {
        Placing node = placing(PlacementPolicy.DEFAULT);

        Rejected full = node.rejected(demand(4, app("a", 4), app("b", 0)));
        assertThat(full.reason()).isEqualTo("EmptyPodSharedPoolError");
        assertThat(full.message())
                .startsWith("pod rejected, sum of exclusive container cpu requests equals pod budget, leaving no cpus"
                        + " for shared containers")
                .endsWith("a pod budget of 5 CPUs would do");
        assertThat(node.rejected(demand(4, sidecar("a", 4), init("b", 0))).message())
                .startsWith("pod rejected, pod has shared init containers but no cpus available for them");
        assertThat(node.place(demand(4, app("a", 4))).cpus().size()).isEqualTo(4);
    }

    @Test
    void underScopeContainerEachSliceIsAlignedByItself() {
        Placing node = placing(Placing.scopeContainer());

        PodPlacement pod = node.place(demand(0, app("a", 6), app("b", 6)));

        assertThat(machine.nodesOf(pod.slice("a").orElseThrow().cpus())).isEqualTo(CpuSet.of(0));
        assertThat(machine.nodesOf(pod.slice("b").orElseThrow().cpus())).isEqualTo(CpuSet.of(1));
        assertThat(pod.cpus().size()).isEqualTo(12);
    }

    @Test
    void underScopeContainerAnInitContainerReusesSlices() {
        Placing node = placing(Placing.scopeContainer());

        PodPlacement pod = node.place(demand(0, init("load", 5), app("a", 3)));

        assertThat(pod.cpus().size()).isEqualTo(5);
        assertThat(pod.slice("load").orElseThrow().cpus()).isEqualTo(pod.cpus());
    }

    @Test
    void aSliceIsCarvedForAContainerThatTurnsUpLater() {
        Placing node = placing(PlacementPolicy.DEFAULT);
        PodPlacement pod = node.place(demand(4));

        Placement carved = node.placer().carve(pod, app("a", 3));

        assertThat(carved).isInstanceOfSatisfying(Placement.Placed.class, placed -> {
            assertThat(placed.placement().slice("a").orElseThrow().cpus()).isEqualTo(CpuSet.parse("0-1,8"));
            assertThat(placed.placement().without("a").sharedPool(Set.of())).isEqualTo(pod.cpus());
        });
        assertThat(node.placer().carve(pod, app("a", 4)))
                .isInstanceOfSatisfying(
                        Rejected.class,
                        rejected -> assertThat(rejected.message())
                                .isEqualTo("container \"a\" asks for 4 exclusive CPUs; the pod shared pool has 4"
                                        + " (0-1,8-9) and keeps one; at most 3 would fit"));
    }
}
