package io.podslice.managers.topology;

import io.podslice.cgroups.CpuSet;
import org.jspecify.annotations.Nullable;

/**
 * A set of NUMA nodes that could serve a resource, or that all resources must come from.
 *
 * @param affinity the nodes; null for "any nodes"
 * @param preferred true if no smaller set could do on an empty machine
 */
public record TopologyHint(@Nullable CpuSet affinity, boolean preferred) {

    /** Any nodes, preferred. */
    public static final TopologyHint ANY = new TopologyHint(null, true);

    /** The nodes; empty for any nodes. */
    public CpuSet nodes() {
        return affinity == null ? CpuSet.empty() : affinity;
    }

    /** Returns e.g. {@code 0-1 preferred}. */
    @Override
    public String toString() {
        return (affinity == null ? "any" : affinity.toString()) + (preferred ? " preferred" : " not preferred");
    }
}
