package io.podslice.managers.placement;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.cpu.CpuManager;
import io.podslice.managers.memory.MemoryCapacity;
import io.podslice.managers.memory.MemoryCapacity.Amount;
import io.podslice.managers.memory.MemoryManager;
import io.podslice.managers.memory.MemoryState;
import io.podslice.managers.pod.ResourceName;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The CPUs and memory of each NUMA node: present, for pods, and free.
 *
 * @param zones by the NUMA node's id; nodes without CPUs included
 */
public record NodeSupply(SortedMap<Integer, Zone> zones) {

    /**
     * One NUMA node.
     *
     * @param cpus its CPUs that pods can use
     * @param allocatable those of them that a pod can have exclusively on an empty node
     * @param availableCpus the most CPUs that one more pod can have exclusively on this node alone
     * @param memory memory and huge pages by type
     */
    public record Zone(CpuSet cpus, CpuSet allocatable, int availableCpus, SortedMap<ResourceName, Bytes> memory) {
        public Zone {
            memory = Collections.unmodifiableSortedMap(new TreeMap<>(memory));
        }
    }

    /**
     * Memory, or huge pages of one size, in bytes.
     *
     * @param capacity bytes that the NUMA node has
     * @param allocatable bytes that pods can have on an empty node
     * @param available bytes that one more pod can have on this node alone; as {@code allocatable} where memory is not
     *     accounted by NUMA node
     */
    public record Bytes(long capacity, long allocatable, long available) {}

    public NodeSupply {
        zones = Collections.unmodifiableSortedMap(new TreeMap<>(zones));
    }

    /** Returns the CPUs of all NUMA nodes that a pod can have exclusively on an empty node. */
    public CpuSet allocatable() {
        CpuSet all = CpuSet.empty();
        for (Zone zone : zones.values()) {
            all = all.union(zone.allocatable());
        }
        return all;
    }

    /**
     * Returns the supply of a machine.
     *
     * @param cpus null with CPU manager policy none: every CPU but the reserved ones counts as free then
     * @param memory null with memory manager policy None
     */
    static NodeSupply of(
            Machine machine,
            PlacementPolicy policy,
            @Nullable CpuManager cpus,
            @Nullable MemoryManager memory,
            NodePlacements placed) {
        CpuSet open = machine.cpuSet().minus(machine.isolated()).minus(policy.reservedSystemCpus());
        CpuSet held = placed.held();
        CpuSet allocatable = cpus == null ? open : cpus.grantable(CpuSet.empty());
        CpuSet free = cpus == null ? open : cpus.grantable(held);
        int most = cpus == null ? open.size() : cpus.most(held);
        MemoryCapacity capacity = MemoryCapacity.of(machine, policy.reservedMemory());
        MemoryState state = placed.state().memory();
        SortedMap<Integer, Zone> zones = new TreeMap<>();
        machine.numaNodes().forEach(node -> {
            CpuSet own = machine.cpusOfNode(node);
            SortedMap<ResourceName, Bytes> bytes = new TreeMap<>();
            Map<ResourceName, Long> left = memory == null ? Map.of() : memory.freeOfOne(state, node);
            for (Map.Entry<ResourceName, Amount> amount :
                    capacity.byNode().getOrDefault(node, new TreeMap<>()).entrySet()) {
                long all = amount.getValue().allocatable();
                bytes.put(
                        amount.getKey(),
                        new Bytes(amount.getValue().total(), all, left.getOrDefault(amount.getKey(), all)));
            }
            zones.put(
                    node,
                    new Zone(
                            own,
                            own.intersection(allocatable),
                            Math.min(most, own.intersection(free).size()),
                            bytes));
        });
        return new NodeSupply(zones);
    }
}
