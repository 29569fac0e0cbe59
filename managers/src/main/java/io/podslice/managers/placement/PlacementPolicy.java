package io.podslice.managers.placement;

import io.podslice.cgroups.CpuSet;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The node's policies for CPUs and memory, named as in KubeletConfiguration.
 *
 * @param cpuManagerPolicyOptions in force under the static policy
 * @param reservedSystemCpus CPUs that no pod gets for itself
 * @param reservedMemory bytes by NUMA node that no pod gets, under the Static memory policy
 */
public record PlacementPolicy(
        CpuManagerPolicy cpuManagerPolicy,
        Set<CpuManagerPolicyOption> cpuManagerPolicyOptions,
        TopologyManagerPolicy topologyManagerPolicy,
        TopologyManagerScope topologyManagerScope,
        MemoryManagerPolicy memoryManagerPolicy,
        CpuSet reservedSystemCpus,
        SortedMap<Integer, Long> reservedMemory) {

    /** Static, best-effort, scope pod, nothing reserved. */
    public static final PlacementPolicy DEFAULT = new PlacementPolicy(
            CpuManagerPolicy.STATIC,
            Set.of(),
            TopologyManagerPolicy.BEST_EFFORT,
            TopologyManagerScope.POD,
            MemoryManagerPolicy.NONE,
            CpuSet.empty(),
            new TreeMap<>());

    public PlacementPolicy {
        cpuManagerPolicyOptions = cpuManagerPolicyOptions.isEmpty()
                ? Set.of()
                : Collections.unmodifiableSet(EnumSet.copyOf(cpuManagerPolicyOptions));
        reservedMemory = Collections.unmodifiableSortedMap(new TreeMap<>(reservedMemory));
    }

    public boolean has(CpuManagerPolicyOption option) {
        return cpuManagerPolicyOptions.contains(option);
    }
}
