package io.podslice.managers.topology;

import io.podslice.cgroups.CpuSet;
import org.jspecify.annotations.Nullable;

/**
 * A set of NUMA nodes that a resource could come from, or that all of them shall come from.
 *
 * @param affinity the nodes; null for "no matter which"
 * @param preferred whether no smaller set could do, had nothing been given out yet
 */
public record TopologyHint(@Nullable CpuSet affinity, boolean preferred) {

    /** No matter which nodes, and content with any. */
    public static final TopologyHint ANY = new TopologyHint(null, true);

    /** The nodes, none where it does not matter which. */
    public CpuSet nodes() {
        return affinity == null ? CpuSet.empty() : affinity;
    }

    /** E.g. {@code 0-1 preferred}. */
    @Override
    public String toString() {
        return (affinity == null ? "any" : affinity.toString()) + (preferred ? " preferred" : " not preferred");
    }
}
