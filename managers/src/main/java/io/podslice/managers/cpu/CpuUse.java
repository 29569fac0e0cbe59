package io.podslice.managers.cpu;

import io.podslice.cgroups.CpuSet;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What of the node's CPUs is in use.
 *
 * @param exclusive CPUs that are some pod's own
 * @param nodeShared the node shared pool
 * @param sharedMillis the part of it that no reservation has, in millicores
 * @param exclusiveByNumaNode how many CPUs of each NUMA node are some pod's own, by node id
 */
public record CpuUse(
        CpuSet exclusive, CpuSet nodeShared, long sharedMillis, SortedMap<Integer, Integer> exclusiveByNumaNode) {
    public CpuUse {
        exclusiveByNumaNode = Collections.unmodifiableSortedMap(new TreeMap<>(exclusiveByNumaNode));
    }
}
