package io.podslice.managers.placement;

import static io.podslice.managers.placement.Placing.app;
import static io.podslice.managers.placement.Placing.fraction;
import static io.podslice.managers.placement.Placing.init;
import static io.podslice.managers.placement.Placing.plain;
import static io.podslice.managers.placement.Placing.pod;
import static io.podslice.managers.placement.Placing.sidecar;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.cpu.CpuManagerOptions;
import io.podslice.managers.cpu.Isolation;
import io.podslice.managers.memory.MemoryState;
import io.podslice.managers.placement.Placement.Rejected;
import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceName;
import io.podslice.managers.pod.ResourceRequirements;
import io.podslice.managers.topology.Rejection;
import io.podslice.managers.topology.TopologyPolicy;
import io.podslice.managers.topology.TopologyScope;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class PodPlacerTest {
    private static final long GI = 1L << 30;
    private static final PlacementPolicy STATIC_MEMORY =
            PlacementPolicy.DEFAULT.withMemoryManager(MemoryManagerPolicy.STATIC, Map.of());

    /** 2 NUMA nodes of 4 cores with 2 threads: 0-3,8-11 and 4-7,12-15. */
    private final Machine machine = Machine.regular(2, 1, 4, 2, 16 * GI);

    private final Placing node = new Placing(machine, PlacementPolicy.DEFAULT);

    private static PlacementPolicy under(TopologyPolicy policy, TopologyScope scope) {
        return PlacementPolicy.DEFAULT.withTopologyManager(policy, scope);
    }

    private static PlacementPolicy with(String... options) {
        Map<String, String> on = new TreeMap<>();
        for (String option : options) {
            on.put(option, "true");
        }
        return PlacementPolicy.DEFAULT.withCpuManager(CpuManagerPolicy.STATIC, CpuManagerOptions.of(on));
    }

    private static ContainerCpus exclusive(String cpus) {
        return new ContainerCpus(Isolation.CONTAINER, CpuSet.parse(cpus));
    }

    private static ContainerCpus shared(String cpus) {
        return new ContainerCpus(Isolation.POD, CpuSet.parse(cpus));
    }

    @Test
    void slicesAreCutFromThePodsSetAndTheRestIsItsSharedPool() {
        PodPlacement placed = node.place("p", pod(8, app("db", 5), sidecar("log", 0), sidecar("agent", 2)));

        assertThat(placed.ofPod()).isEqualTo(machine.cpusOfNode(0));
        assertThat(placed.of("agent", Set.of())).isEqualTo(exclusive("0,8"));
        assertThat(placed.of("db", Set.of())).isEqualTo(exclusive("1-3,9-10"));
        assertThat(placed.of("log", Set.of())).isEqualTo(shared("11"));
        assertThat(placed.of("debugger", Set.of())).isEqualTo(ContainerCpus.HOST);
        assertThat(node.pool()).isEqualTo(machine.cpusOfNode(1));
    }

    @Test
    void aPodThatIsPlacedAgainKeepsWhatItHas() {
        PodSpec spec = pod(4, init("load", 3), sidecar("mesh", 0), app("db", 2), app("log", 0));
        PodPlacement placed = node.place("p", spec);
        node.place("q", pod(6, app("a", 6)));

        assertThat(node.place("p", spec)).isEqualTo(placed);
    }

    @Test
    void aPodThatWasFoundOnCpusKeepsThemAndItsSlicesAreCutFromThem() {
        PodSpec spec = pod(4, app("db", 2), app("log", 0));
        NodePlacements found = NodePlacements.EMPTY.with("p", PodPlacement.ofSet(CpuSet.parse("6-7,14-15")));

        assertThat(node.placer().place(found, "p", spec, Map.of()))
                .isInstanceOfSatisfying(Placement.Placed.class, it -> {
                    assertThat(it.placement().ofPod()).isEqualTo(CpuSet.parse("6-7,14-15"));
                    assertThat(it.placement().of("db", Set.of())).isEqualTo(exclusive("6,14"));
                    assertThat(it.placement().sharedPool()).isEqualTo(CpuSet.parse("7,15"));
                });
    }

    @Test
    void underSingleNumaNodeAPodThatFitsNoNodeIsRejectedWithTheNumbers() {
        Placing strict = new Placing(machine, under(TopologyPolicy.SINGLE_NUMA_NODE, TopologyScope.POD));
        strict.place("a", pod(4));
        strict.place("b", pod(6));

        Rejected rejected = strict.rejected(pod(6));

        assertThat(rejected.never()).isFalse();
        assertThat(rejected.rejection().reason()).isEqualTo("TopologyAffinityError");
        assertThat(rejected.rejection().text())
                .isEqualTo("Pod Scope pod with pod-level resources failed admission under pod-scope topology manager\n"
                        + "topologyManagerPolicy single-numa-node; asked 6 CPUs; free by NUMA node: 0 has 4 (2-3,10-11), 1 has 2 (7,15); one stays in the node"
                        + " shared pool; at most 4 would fit on one node, 5 on all");
        assertThat(strict.rejected(pod(9)).never()).isTrue();
    }

    @Test
    void underBestEffortSuchAPodSpansNodes() {
        CpuSet cpus = node.place("a", pod(12)).cpus();

        assertThat(cpus.size()).isEqualTo(12);
        assertThat(machine.nodesOf(cpus)).isEqualTo(CpuSet.of(0, 1));
    }

    @Test
    void underRestrictedAPodSpansNodesOnlyWhereItWouldOnAnEmptyMachine() {
        Placing restricted = new Placing(machine, under(TopologyPolicy.RESTRICTED, TopologyScope.POD));
        restricted.place("a", pod(3));

        assertThat(restricted.place("b", pod(10)).cpus().size()).isEqualTo(10);

        restricted.remove("b");
        restricted.place("c", pod(3));
        restricted.place("d", pod(3));
        assertThat(restricted.rejected(pod(6)).rejection().reason()).isEqualTo("TopologyAffinityError");
    }

    @Test
    void oneCpuStaysInTheNodeSharedPool() {
        Rejected rejected = node.rejected(pod(16));

        assertThat(rejected.rejection().text())
                .startsWith("Allocate failed due to not enough cpus available to satisfy request: requested=16,"
                        + " available=15, which is unexpected\n")
                .contains("one stays in the node shared pool");
        assertThat(rejected.never()).isTrue();
        assertThat(node.place("p", pod(15)).cpus().size()).isEqualTo(15);
        assertThat(node.pool().size()).isEqualTo(1);
    }

    @Test
    void reservedCpusAreSharedAndNeverGiven() {
        Placing reserved = new Placing(machine, PlacementPolicy.DEFAULT.withReservedSystemCpus(CpuSet.parse("0,8")));

        assertThat(reserved.place("p", pod(14)).cpus()).isEqualTo(CpuSet.parse("1-7,9-15"));
        assertThat(reserved.pool()).isEqualTo(CpuSet.parse("0,8"));
    }

    @Test
    void underStrictReservationReservedCpusAreNotSharedEither() {
        Placing strict =
                new Placing(machine, with("strict-cpu-reservation").withReservedSystemCpus(CpuSet.parse("0,8")));

        assertThat(strict.pool()).isEqualTo(CpuSet.parse("1-7,9-15"));
        assertThat(strict.rejected(pod(14)).rejection().message()).contains("available=13");
    }

    @Test
    void offlineAndIsolatedCpusAreInNoPool() {
        Machine odd = machine.withOffline(CpuSet.parse("12-15")).withIsolated(CpuSet.parse("4-5"));
        Placing placing = new Placing(odd, PlacementPolicy.DEFAULT);

        assertThat(placing.pool()).isEqualTo(CpuSet.parse("0-3,6-11"));
        assertThat(placing.place("p", pod(9)).cpus()).isEqualTo(CpuSet.parse("0-3,6,8-11"));
    }

    @Test
    void fullPhysicalCpusOnlyAreGivenByCores() {
        Placing full = new Placing(machine, with("full-pcpus-only").withReservedSystemCpus(CpuSet.parse("0")));

        assertThat(full.rejected(pod(3)).rejection())
                .isEqualTo(new Rejection(
                        Rejection.Manager.CPU,
                        "SMTAlignmentError",
                        "SMT Alignment Error: requested 3 cpus not multiple cpus per core = 2",
                        "2 or 4 CPUs would fit"));
        // CPU 8's core is broken by the reserved CPU 0.
        assertThat(full.place("p", pod(14)).cpus()).isEqualTo(CpuSet.parse("1-7,9-15"));
    }

    @Test
    void optionsOfTheCpuManagerAct() {
        Placing numa = new Placing(machine, with("distribute-cpus-across-numa"));
        CpuSet spread = numa.place("p", pod(12)).cpus();
        assertThat(spread.intersection(machine.cpusOfNode(0)).size()).isEqualTo(6);

        Placing cores = new Placing(machine, with("distribute-cpus-across-cores"));
        assertThat(cores.place("p", pod(4)).cpus()).isEqualTo(CpuSet.parse("0-3"));
    }

    @Test
    void underStaticMemoryTheNodeMustHaveTheMemoryToo() {
        Placing accounted = new Placing(
                machine,
                under(TopologyPolicy.SINGLE_NUMA_NODE, TopologyScope.POD)
                        .withMemoryManager(MemoryManagerPolicy.STATIC, Map.of(0, Map.of(ResourceName.MEMORY, GI))));

        PodPlacement first = accounted.place("a", pod(2, "16Gi", app("x", 0)));
        assertThat(first.cpus()).isEqualTo(CpuSet.parse("4,12"));
        assertThat(first.mems("x")).isEqualTo(CpuSet.of(1));
        assertThat(first.memoryBytes()).isEqualTo(16 * GI);
        assertThat(accounted.place("b", pod(2, "10Gi")).memoryNodes()).isEqualTo(CpuSet.of(0));
        assertThat(accounted.rejected(pod(2, "6Gi")).rejection().detail())
                .contains("asked memory 6Gi; free by NUMA node: 0 has memory 5Gi, 1 has memory 0");
    }

    @Test
    void memoryIsPinnedForAPodWithoutCpusOfItsOwnToo() {
        PodSpec half = plain(fraction("a"));
        Placing accounted = new Placing(machine, STATIC_MEMORY);

        PodPlacement placed = accounted.place("p", half);

        assertThat(placed.hasCpus()).isFalse();
        assertThat(placed.mems("a")).isEqualTo(CpuSet.of(0));
    }

    @Test
    void anEndedInitContainerLeavesItsMemory() {
        Placing accounted = new Placing(machine, STATIC_MEMORY);
        PodPlacement placed = accounted.place("p", plain(init("load", 1), app("a", 1)));
        assertThat(placed.memory().containers()).containsOnlyKeys("a", "load");

        PodPlacement started = placed.afterStartOf("a");

        assertThat(started.memory().containers()).containsOnlyKeys("a");
        assertThat(started.mems("load")).isEqualTo(CpuSet.of(0));
        assertThat(started.afterStartOf("load")).isEqualTo(started);
    }

    @Test
    void aPodWithoutASetOfItsOwnHasItsSlicesAlone() {
        PodPlacement placed = node.place("p", plain(app("a", 2), fraction("b"), app("c", 1)));

        assertThat(placed.cpus()).isEqualTo(CpuSet.parse("0-1,8"));
        assertThat(placed.sliced()).isEqualTo(placed.cpus());
        assertThat(placed.sharedPool()).isEqualTo(CpuSet.empty());
        assertThat(placed.of("b", Set.of())).isEqualTo(ContainerCpus.HOST);
    }

    @Test
    void theKnobMakesAContainerOfABurstablePodExclusive() {
        PodSpec burstable = plain(
                app("a", 0),
                new ContainerSpec(
                        "b",
                        ContainerKind.APP,
                        new ResourceRequirements(ResourceList.of("2", "1Gi"), ResourceList.EMPTY)));

        PodPlacement placed = node.place("p", burstable, Map.of("b", true));

        assertThat(placed.of("b", Set.of())).isEqualTo(exclusive("0,8"));
        assertThat(placed.of("a", Set.of())).isEqualTo(ContainerCpus.HOST);
    }

    @Test
    void whileALargeInitContainerRunsThePodSharedPoolIsSmaller() {
        PodPlacement placed = node.place("p", pod(8, sidecar("log", 0), init("load", 7), app("db", 4)));

        CpuSet load = placed.container("load").orElseThrow().own();
        assertThat(placed.sharedPool().size()).isEqualTo(4);
        CpuSet meanwhile = placed.sharedPool(Set.of("log", "load"));
        assertThat(meanwhile.isEmpty()).isFalse();
        assertThat(meanwhile.intersects(load)).isFalse();
        assertThat(placed.sharedPool(Set.of("log", "db")))
                .isEqualTo(placed.ofPod()
                        .minus(placed.container("db").orElseThrow().own()));
    }

    @Test
    void whereAnInitContainerLeavesThePoolNothingAppCpusServeMeanwhile() {
        PodPlacement placed = new PodPlacement(
                List.of(
                        new ContainerPlacement("log", ContainerKind.SIDECAR, CpuSet.empty()),
                        new ContainerPlacement("load", ContainerKind.INIT, CpuSet.parse("0-2")),
                        new ContainerPlacement("db", ContainerKind.APP, CpuSet.parse("2-3"))),
                CpuSet.parse("0-3"),
                List.of(),
                MemoryState.Pod.EMPTY);

        assertThat(placed.sharedPool(Set.of("log", "load"))).isEqualTo(CpuSet.of(3));
        assertThat(placed.sharedPool(Set.of("log", "load", "db"))).isEqualTo(CpuSet.empty());
        assertThat(placed.sharedPool()).isEqualTo(CpuSet.parse("0-1"));
    }

    @Test
    void aSharedInitContainerHasAllButTheSidecarsBeforeIt() {
        PodPlacement placed =
                node.place("p", pod(8, sidecar("mesh", 2), init("setup", 0), app("db", 4), app("log", 0)));

        CpuSet mesh = placed.container("mesh").orElseThrow().own();
        assertThat(placed.of("setup", Set.of("setup")))
                .isEqualTo(new ContainerCpus(Isolation.POD, placed.ofPod().minus(mesh)));
    }

    @Test
    void slicesMustLeaveCpusForContainersThatShare() {
        Rejected full = node.rejected(pod(4, app("a", 4), app("b", 0)));

        assertThat(full.rejection().reason()).isEqualTo("EmptyPodSharedPoolError");
        assertThat(full.never()).isTrue();
        assertThat(node.place("p", pod(4, app("a", 4))).cpus().size()).isEqualTo(4);
    }

    @Test
    void underScopeContainerEachSliceIsAlignedByItself() {
        Placing scoped = new Placing(machine, under(TopologyPolicy.BEST_EFFORT, TopologyScope.CONTAINER));

        PodPlacement placed = scoped.place("p", pod(14, app("a", 6), app("b", 6), app("c", 0)));

        assertThat(placed.ofPod()).isEqualTo(CpuSet.empty());
        assertThat(machine.nodesOf(placed.container("a").orElseThrow().own())).isEqualTo(CpuSet.of(0));
        assertThat(machine.nodesOf(placed.container("b").orElseThrow().own())).isEqualTo(CpuSet.of(1));
        assertThat(placed.of("c", Set.of())).isEqualTo(ContainerCpus.HOST);
    }

    @Test
    void withoutACpuManagerNobodyHasCpusButThosePodsThatHadThem() {
        Placing none = new Placing(
                machine, PlacementPolicy.DEFAULT.withCpuManager(CpuManagerPolicy.NONE, CpuManagerOptions.NONE));

        assertThat(none.place("p", pod(4, app("a", 2))).hasCpus()).isFalse();
        assertThat(none.carve("p", "b", 2).hasCpus()).isFalse();
        NodePlacements before = NodePlacements.EMPTY.with("q", PodPlacement.ofSet(CpuSet.parse("0-1")));
        assertThat(none.placer().nodeSharedPool(before)).isEqualTo(CpuSet.parse("2-15"));
        assertThat(none.placer().resize(before, "q", new PodSizes(1, 0))).isInstanceOf(Rejected.class);
    }

    @Test
    void aSliceIsCarvedForAContainerThatTurnsUpLater() {
        PodPlacement placed = node.place("p", pod(4));

        PodPlacement carved = node.carve("p", "a", 3);

        assertThat(carved.of("a", Set.of())).isEqualTo(exclusive("0-1,8"));
        assertThat(carved.without("a").sharedPool()).isEqualTo(placed.cpus());
        assertThat(node.placer().carve(node.all(), "p", "b", 1))
                .isInstanceOfSatisfying(
                        Rejected.class,
                        it -> assertThat(it.rejection().text())
                                .isEqualTo("container \"b\" asks for 1 exclusive CPUs; the pod shared pool has 1 (9)"
                                        + " and keeps one\nat most 0 would fit"));
    }

    @Test
    void suchAContainerOfAPodWithoutASetGetsItsSliceNearTheOthers() {
        node.place("other", pod(2));

        assertThat(node.carve("p", "a", 2).cpus()).isEqualTo(CpuSet.parse("1,9"));
        PodPlacement both = node.carve("p", "b", 2);

        assertThat(both.of("a", Set.of())).isEqualTo(exclusive("1,9"));
        assertThat(both.of("b", Set.of())).isEqualTo(exclusive("2,10"));
        assertThat(((Rejected) node.placer().carve(node.all(), "p", "c", 40)).never())
                .isTrue();
    }

    @Test
    void aPolicyThatTheMachineCannotHaveIsSaidToBeSo() {
        assertThatThrownBy(() ->
                        new PodPlacer(machine, PlacementPolicy.DEFAULT.withReservedSystemCpus(CpuSet.parse("0,16-17"))))
                .hasMessage("reservedSystemCPUs \"0,16-17\": this machine has no CPU 16-17; its CPUs are 0-15");
        assertThatThrownBy(() -> new PodPlacer(
                        machine,
                        PlacementPolicy.DEFAULT.withMemoryManager(
                                MemoryManagerPolicy.STATIC, Map.of(2, Map.of(ResourceName.MEMORY, GI)))))
                .hasMessage("the reserved memory configuration references a NUMA node 2 that does not exist on this"
                        + " machine");
        assertThatThrownBy(() -> new PodPlacer(
                        machine,
                        with("align-by-socket")
                                .withTopologyManager(TopologyPolicy.SINGLE_NUMA_NODE, TopologyScope.POD)))
                .hasMessage("Topolgy manager single-numa-node policy is incompatible with CPUManager align-by-socket"
                        + " policy option");
    }

    @Test
    void aPodIsPlacedWhereItsDevicesAre() {
        Placing strict = new Placing(machine, under(TopologyPolicy.SINGLE_NUMA_NODE, TopologyScope.POD));
        PodSpec spec = pod(2, app("a", 0), app("b", 0));

        assertThat(strict.placer().place(strict.all(), "p", spec, Map.of()))
                .isInstanceOfSatisfying(
                        Placement.Placed.class,
                        it -> assertThat(it.placement().cpus()).isEqualTo(CpuSet.parse("0,8")));
        assertThat(strict.placer().place(strict.all(), "p", spec, Map.of(), Map.of("b", List.of(CpuSet.of(1)))))
                .isInstanceOfSatisfying(
                        Placement.Placed.class,
                        it -> assertThat(it.placement().cpus()).isEqualTo(CpuSet.parse("4,12")));
        assertThat(strict.placer()
                        .place(
                                strict.all(),
                                "p",
                                spec,
                                Map.of(),
                                Map.of("a", List.of(CpuSet.of(0)), "b", List.of(CpuSet.of(1)))))
                .isInstanceOfSatisfying(
                        Rejected.class, it -> assertThat(it.never()).isTrue());
    }

    @Test
    void anExplanationNamesTheNodesThatWereConsideredAndTheOneThatWasTaken() {
        Placing strict = new Placing(machine, under(TopologyPolicy.SINGLE_NUMA_NODE, TopologyScope.POD));
        strict.place("other", pod(4));

        assertThat(strict.placer().explain(strict.all(), "p", pod(6), Map.of()))
                .singleElement()
                .satisfies(it -> {
                    assertThat(it.admits()).isTrue();
                    assertThat(it.candidates())
                            .filteredOn(candidate -> candidate.chosen())
                            .extracting(candidate -> candidate.nodes())
                            .containsExactly(CpuSet.of(1));
                });
    }

    @Test
    void aSliceThatTurnsUpLaterCountsWithThePodsOthersForTheTopologyPolicy() {
        Placing strict = new Placing(machine, under(TopologyPolicy.SINGLE_NUMA_NODE, TopologyScope.POD));
        strict.place("p", plain(app("a", 4), fraction("b")));

        assertThat(strict.placer().carve(strict.all(), "p", "late", 5)).isInstanceOf(Rejected.class);
        assertThat(strict.carve("p", "late", 4).cpus()).isEqualTo(machine.cpusOfNode(0));
    }

    /** As the kubelet from 1.37 on; before, it gave such a pod's containers none under scope pod. */
    @Test
    void aBudgetThatIsNotWholeLeavesItsContainersTheirWholeCpus() {
        ResourceList amounts = ResourceList.of("3500m", "4Gi");
        PodSpec pod = new PodSpec(
                new ResourceRequirements(amounts, amounts), List.of(Placing.app("a", 2), Placing.app("b", 0)));

        PodPlacement placed = node.place("p", pod);

        assertThat(placed.ofPod()).isEqualTo(CpuSet.empty());
        assertThat(placed.container("a").orElseThrow().own()).isEqualTo(CpuSet.parse("0,8"));
        assertThat(placed.container("b").filter(ContainerPlacement::isExclusive))
                .isEmpty();
        assertThat(node.pool()).isEqualTo(CpuSet.parse("1-7,9-15"));
        assertThat(PodValues.liftsQuota(pod, placed)).isFalse();
    }
}
