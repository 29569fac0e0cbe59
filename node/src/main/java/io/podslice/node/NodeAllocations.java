package io.podslice.node;

import io.podslice.managers.placement.NodeSupply;
import io.podslice.managers.placement.PlacementPolicy;
import io.podslice.managers.placement.PodPlacement;
import java.util.List;

/**
 * The CPUs and memory that podslice has given to pods, and what is left, at one moment.
 *
 * @param pods the pods that podslice manages, in no order
 * @param supply the CPUs and memory of each NUMA node
 * @param policy the policies of the managers
 */
public record NodeAllocations(List<PodAllocation> pods, NodeSupply supply, PlacementPolicy policy) {

    /**
     * A pod's CPUs and memory.
     *
     * @param stopped true if its sandbox was stopped; another pod with its name may replace it
     */
    public record PodAllocation(String namespace, String name, boolean stopped, PodPlacement placement) {}

    public NodeAllocations {
        pods = List.copyOf(pods);
    }
}
