package io.podslice.managers.memory;

import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.pod.ResourceName;
import io.podslice.managers.topology.NumaNodes;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The memory and huge pages of each NUMA node, and the part of them that pods can have.
 *
 * @param nodes the machine's NUMA nodes
 * @param byNode amounts by node id and type
 */
public record MemoryCapacity(NumaNodes nodes, SortedMap<Integer, SortedMap<ResourceName, Amount>> byNode) {

    /**
     * One node's amount of one type, in bytes.
     *
     * @param total bytes that the node has
     * @param reserved bytes kept for the system
     * @param allocatable bytes that pods can have; of memory also without the node's huge pages
     */
    public record Amount(long total, long reserved, long allocatable) {}

    public MemoryCapacity {
        SortedMap<Integer, SortedMap<ResourceName, Amount>> copy = new TreeMap<>();
        byNode.forEach((node, amounts) -> copy.put(node, Collections.unmodifiableSortedMap(new TreeMap<>(amounts))));
        byNode = Collections.unmodifiableSortedMap(copy);
    }

    /**
     * Returns the capacity of a machine.
     *
     * @param reserved bytes kept for the system by node id and type ({@code reservedMemory})
     * @throws IllegalArgumentException with the kubelet's text if the machine has no such node
     */
    public static MemoryCapacity of(Machine machine, Map<Integer, Map<ResourceName, Long>> reserved) {
        for (int node : new TreeMap<>(reserved).keySet()) {
            if (!machine.numaNodes().contains(node)) {
                throw new IllegalArgumentException("the reserved memory configuration references a NUMA node " + node
                        + " that does not exist on this machine");
            }
        }
        SortedMap<Integer, SortedMap<ResourceName, Amount>> byNode = new TreeMap<>();
        machine.numaNodes().forEach(node -> {
            Map<ResourceName, Long> kept = reserved.getOrDefault(node, Map.of());
            SortedMap<ResourceName, Amount> amounts = new TreeMap<>();
            long pages = 0;
            for (Map.Entry<Long, Long> pool :
                    machine.hugepages().getOrDefault(node, Map.of()).entrySet()) {
                ResourceName type = MemoryAmounts.hugepages(pool.getKey());
                long total = pool.getKey() * pool.getValue();
                amounts.put(type, amount(total, kept.getOrDefault(type, 0L), 0));
                pages += total;
            }
            long total = machine.memory().getOrDefault(node, 0L);
            amounts.put(ResourceName.MEMORY, amount(total, kept.getOrDefault(ResourceName.MEMORY, 0L), pages));
            byNode.put(node, amounts);
        });
        return new MemoryCapacity(NumaNodes.of(machine), byNode);
    }

    private static Amount amount(long total, long reserved, long pages) {
        return new Amount(total, reserved, Math.max(0, total - reserved - pages));
    }

    /** Returns the bytes of a type that pods can have, by node id. */
    SortedMap<Integer, Long> allocatable(ResourceName type) {
        SortedMap<Integer, Long> result = new TreeMap<>();
        byNode.forEach((node, amounts) -> {
            Amount amount = amounts.get(type);
            if (amount != null) {
                result.put(node, amount.allocatable());
            }
        });
        return result;
    }
}
