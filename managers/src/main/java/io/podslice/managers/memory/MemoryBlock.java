package io.podslice.managers.memory;

import io.podslice.cgroups.CpuSet;
import io.podslice.managers.pod.Quantity;
import io.podslice.managers.pod.ResourceName;

/**
 * An amount of memory or of huge pages that a pod or container has on some NUMA nodes together.
 *
 * @param nodes the NUMA nodes
 * @param type {@code memory} or {@code hugepages-<size>}
 * @param bytes 0 or more
 */
public record MemoryBlock(CpuSet nodes, ResourceName type, long bytes) {
    MemoryBlock withBytes(long bytes) {
        return new MemoryBlock(nodes, type, bytes);
    }

    /** Returns e.g. {@code memory 2Gi on 0-1}. */
    @Override
    public String toString() {
        return type + " " + Quantity.ofBytes(bytes) + " on " + nodes;
    }
}
