package io.podslice.managers.placement;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.placement.Placement.Placed;
import io.podslice.managers.placement.Placement.Rejected;
import io.podslice.managers.pod.ContainerKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** A node on which pods are placed one after the other. */
final class Placing {
    private final Machine machine;
    private final PlacementPolicy policy;
    private final BestFitPlacer placer;
    private final List<PodPlacement> pods = new ArrayList<>();

    Placing(Machine machine, PlacementPolicy policy) {
        this.machine = machine;
        this.policy = policy;
        this.placer = new BestFitPlacer(machine, policy);
    }

    PodPlacer placer() {
        return placer;
    }

    FreeResources free() {
        return FreeResources.of(machine, policy, pods);
    }

    NodeSharedPool pool() {
        return free().pool();
    }

    /** Places the pod and keeps it. */
    PodPlacement place(PodDemand demand) {
        PodPlacement placement = placed(placer.place(demand, free()));
        pods.add(placement);
        return placement;
    }

    Rejected rejected(PodDemand demand) {
        return (Rejected) placer.place(demand, free());
    }

    /** Resizes a pod that was placed here and keeps it so. */
    PodPlacement resize(PodPlacement pod, int cpus) {
        PodPlacement resized = placed(placer.resize(pod, cpus, pod.demand().memoryBytes(), free()));
        pods.set(pods.indexOf(pod), resized);
        return resized;
    }

    Rejected resizeRejected(PodPlacement pod, int cpus) {
        return (Rejected) placer.resize(pod, cpus, pod.demand().memoryBytes(), free());
    }

    void remove(PodPlacement pod) {
        pods.remove(pod);
    }

    private static PodPlacement placed(Placement placement) {
        return switch (placement) {
            case Placed(PodPlacement pod) -> pod;
            case Rejected rejected -> throw new AssertionError(rejected.reason() + ": " + rejected.message());
        };
    }

    static PodDemand demand(int cpus, ContainerDemand... containers) {
        return new PodDemand(cpus, 0, List.of(containers));
    }

    static ContainerDemand app(String name, int cpus) {
        return new ContainerDemand(name, ContainerKind.APP, cpus);
    }

    static ContainerDemand sidecar(String name, int cpus) {
        return new ContainerDemand(name, ContainerKind.SIDECAR, cpus);
    }

    static ContainerDemand init(String name, int cpus) {
        return new ContainerDemand(name, ContainerKind.INIT, cpus);
    }

    static PlacementPolicy policy(TopologyManagerPolicy topology) {
        return policy(topology, Set.of(), CpuSet.empty());
    }

    static PlacementPolicy policy(
            TopologyManagerPolicy topology, Set<CpuManagerPolicyOption> options, CpuSet reserved) {
        return new PlacementPolicy(
                CpuManagerPolicy.STATIC,
                options,
                topology,
                TopologyManagerScope.POD,
                MemoryManagerPolicy.NONE,
                reserved,
                new TreeMap<>());
    }

    static PlacementPolicy policyOfMemory(TopologyManagerPolicy topology, Map<Integer, Long> reserved) {
        return new PlacementPolicy(
                CpuManagerPolicy.STATIC,
                Set.of(),
                topology,
                TopologyManagerScope.POD,
                MemoryManagerPolicy.STATIC,
                CpuSet.empty(),
                new TreeMap<>(reserved));
    }

    static PlacementPolicy scopeContainer() {
        return new PlacementPolicy(
                CpuManagerPolicy.STATIC,
                Set.of(),
                TopologyManagerPolicy.BEST_EFFORT,
                TopologyManagerScope.CONTAINER,
                MemoryManagerPolicy.NONE,
                CpuSet.empty(),
                new TreeMap<>());
    }
}
