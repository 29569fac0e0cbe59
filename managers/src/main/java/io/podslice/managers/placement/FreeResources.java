package io.podslice.managers.placement;

import io.podslice.cgroups.machine.Machine;
import java.util.Collection;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What no pod has.
 *
 * @param pool CPUs
 * @param memory bytes by NUMA node, under the Static memory policy; without it all of the node's
 */
public record FreeResources(NodeSharedPool pool, SortedMap<Integer, Long> memory) {
    public FreeResources {
        memory = Collections.unmodifiableSortedMap(new TreeMap<>(memory));
    }

    /** What is left when these pods have theirs. */
    public static FreeResources of(Machine machine, PlacementPolicy policy, Collection<PodPlacement> pods) {
        SortedMap<Integer, Long> memory = new TreeMap<>(machine.memory());
        policy.reservedMemory().forEach((node, bytes) -> memory.merge(node, -bytes, Long::sum));
        for (PodPlacement pod : pods) {
            pod.memory().forEach((node, bytes) -> memory.merge(node, -bytes, Long::sum));
        }
        memory.replaceAll((node, bytes) -> Math.max(0, bytes));
        return new FreeResources(NodeSharedPool.of(machine, policy, pods), memory);
    }
}
