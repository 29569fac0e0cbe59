package io.podslice.managers.placement;

import io.podslice.cgroups.CpuSet;
import io.podslice.managers.cpu.CpuManagerOptions;
import io.podslice.managers.pod.ResourceName;
import io.podslice.managers.topology.TopologyOptions;
import io.podslice.managers.topology.TopologyPolicy;
import io.podslice.managers.topology.TopologyScope;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The node's policies for CPUs and memory, named as in KubeletConfiguration.
 *
 * @param cpuManagerPolicyOptions the options of the static policy
 * @param reservedSystemCpus CPUs that no pod gets exclusively; unlike the kubelet's it may be empty
 * @param reservedMemory bytes that no pod gets, by NUMA node and type, under the Static memory policy
 */
public record PlacementPolicy(
        CpuManagerPolicy cpuManagerPolicy,
        CpuManagerOptions cpuManagerPolicyOptions,
        TopologyPolicy topologyManagerPolicy,
        TopologyScope topologyManagerScope,
        TopologyOptions topologyManagerPolicyOptions,
        MemoryManagerPolicy memoryManagerPolicy,
        CpuSet reservedSystemCpus,
        SortedMap<Integer, Map<ResourceName, Long>> reservedMemory) {

    /** Policy static, best-effort, scope pod, memory None, nothing reserved. */
    public static final PlacementPolicy DEFAULT = new PlacementPolicy(
            CpuManagerPolicy.STATIC,
            CpuManagerOptions.NONE,
            TopologyPolicy.BEST_EFFORT,
            TopologyScope.POD,
            TopologyOptions.NONE,
            MemoryManagerPolicy.NONE,
            CpuSet.empty(),
            new TreeMap<>());

    public PlacementPolicy {
        SortedMap<Integer, Map<ResourceName, Long>> copy = new TreeMap<>();
        reservedMemory.forEach((node, bytes) -> copy.put(node, Map.copyOf(bytes)));
        reservedMemory = Collections.unmodifiableSortedMap(copy);
    }

    /**
     * Tells if pods with pod-level resources get a CPU set as a whole (KEP-5526: scope pod, and a topology policy);
     * otherwise their containers are allocated one by one.
     */
    public boolean givesPodSets() {
        return cpuManagerPolicy == CpuManagerPolicy.STATIC
                && topologyManagerScope == TopologyScope.POD
                && topologyManagerPolicy != TopologyPolicy.NONE;
    }

    public PlacementPolicy withCpuManager(CpuManagerPolicy policy, CpuManagerOptions options) {
        return new PlacementPolicy(
                policy,
                options,
                topologyManagerPolicy,
                topologyManagerScope,
                topologyManagerPolicyOptions,
                memoryManagerPolicy,
                reservedSystemCpus,
                reservedMemory);
    }

    public PlacementPolicy withTopologyManager(TopologyPolicy policy, TopologyScope scope) {
        return new PlacementPolicy(
                cpuManagerPolicy,
                cpuManagerPolicyOptions,
                policy,
                scope,
                topologyManagerPolicyOptions,
                memoryManagerPolicy,
                reservedSystemCpus,
                reservedMemory);
    }

    public PlacementPolicy withMemoryManager(
            MemoryManagerPolicy policy, Map<Integer, Map<ResourceName, Long>> reserved) {
        return new PlacementPolicy(
                cpuManagerPolicy,
                cpuManagerPolicyOptions,
                topologyManagerPolicy,
                topologyManagerScope,
                topologyManagerPolicyOptions,
                policy,
                reservedSystemCpus,
                new TreeMap<>(reserved));
    }

    public PlacementPolicy withReservedSystemCpus(CpuSet reserved) {
        return new PlacementPolicy(
                cpuManagerPolicy,
                cpuManagerPolicyOptions,
                topologyManagerPolicy,
                topologyManagerScope,
                topologyManagerPolicyOptions,
                memoryManagerPolicy,
                reserved,
                reservedMemory);
    }
}
