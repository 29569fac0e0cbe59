package io.podslice.managers.cpu;

import io.podslice.cgroups.CpuSet;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The use of the node's CPUs.
 *
 * @param exclusive CPUs that belong exclusively to a pod
 * @param nodeShared the node shared pool
 * @param sharedMillis the unreserved part of the node shared pool, in millicores
 * @param exclusiveByNumaNode number of CPUs of each NUMA node that belong exclusively to a pod, by node id
 */
public record CpuUse(
        CpuSet exclusive, CpuSet nodeShared, long sharedMillis, SortedMap<Integer, Integer> exclusiveByNumaNode) {
    public CpuUse {
        exclusiveByNumaNode = Collections.unmodifiableSortedMap(new TreeMap<>(exclusiveByNumaNode));
    }
}
