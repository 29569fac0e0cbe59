package io.podslice.cluster.podresources;

import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.placement.NodePlacements;
import io.podslice.managers.placement.PlacementPolicy;
import io.podslice.managers.placement.PodPlacer;
import io.podslice.node.NodeAllocations;
import io.podslice.node.NodeAllocations.PodAllocation;
import java.util.List;

/** Allocations on a machine of 16 CPUs on 2 NUMA nodes. */
final class Given {
    private Given() {}

    static NodeAllocations node(PlacementPolicy policy, PodAllocation... pods) {
        return new NodeAllocations(
                List.of(pods),
                new PodPlacer(Machine.regular(2, 1, 4, 2, 16L << 30), policy).supply(NodePlacements.EMPTY),
                policy);
    }
}
