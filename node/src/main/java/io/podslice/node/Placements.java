package io.podslice.node;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.placement.ContainerDemand;
import io.podslice.managers.placement.FreeResources;
import io.podslice.managers.placement.Placement;
import io.podslice.managers.placement.PlacementPolicy;
import io.podslice.managers.placement.PodDemand;
import io.podslice.managers.placement.PodPlacement;
import io.podslice.managers.placement.PodPlacer;
import io.podslice.node.state.NodeState;
import io.podslice.node.state.PodState;
import java.util.List;

/** Asks the placer with what a state leaves free. Pure. */
final class Placements {
    private final Machine machine;
    private final PlacementPolicy policy;
    private final PodPlacer placer;

    Placements(Machine machine, PlacementPolicy policy, PodPlacer placer) {
        this.machine = machine;
        this.policy = policy;
        this.placer = placer;
    }

    private FreeResources free(NodeState state) {
        return FreeResources.of(machine, policy, state.placements());
    }

    /** A place for a pod beside those of the state. */
    Placement place(PodDemand demand, NodeState others) {
        return placer.place(demand, free(others));
    }

    /** The place of a pod that was found running on these CPUs. */
    Placement confirm(PodDemand demand, CpuSet cpus, NodeState others) {
        return placer.confirm(demand, cpus, free(others));
    }

    /** Another size for a pod of the state. */
    Placement resize(PodState pod, int cpus, long memoryBytes, NodeState state) {
        return placer.resize(pod.placement(), cpus, memoryBytes, free(state));
    }

    /**
     * A slice for a container that was not known when its pod was placed: from the pod's set where it has one, else
     * straight from the node.
     */
    Placement slice(PodState pod, ContainerDemand container, NodeState state) {
        PodPlacement placement = pod.placement();
        if (placement.demand().cpus() > 0) {
            return placer.carve(placement, container);
        }
        return switch (placer.place(new PodDemand(0, 0, List.of(container)), free(state))) {
            case Placement.Rejected rejected -> rejected;
            case Placement.Placed(PodPlacement alone) ->
                new Placement.Placed(placement.withSlice(
                        placement.demand().with(container),
                        alone.slice(container.name()).orElseThrow()));
        };
    }

    static Refusal refusal(Placement.Rejected rejected) {
        return new Refusal(
                rejected.reason(),
                rejected.never() ? Refusal.Kind.PRECONDITION : Refusal.Kind.EXHAUSTED,
                rejected.message());
    }
}
