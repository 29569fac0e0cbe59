package io.podslice.managers.placement;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Machine;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Which NUMA nodes a pod's CPUs and memory come from. */
final class NumaChoice {
    private final Machine machine;
    private final boolean memoryCounts;

    NumaChoice(Machine machine, PlacementPolicy policy) {
        this.machine = machine;
        this.memoryCounts = policy.memoryManagerPolicy() == MemoryManagerPolicy.STATIC;
    }

    /** The one node with the fewest free CPUs that still fits CPUs and memory; empty if none does. */
    CpuSet bestSingle(int cpus, long memoryBytes, CpuSet free, SortedMap<Integer, Long> memory) {
        int best = -1;
        int fewest = Integer.MAX_VALUE;
        CpuSet nodes = machine.numaNodes();
        for (int node = nodes.first(); node >= 0; node = nodes.next(node + 1)) {
            int count = free.intersection(machine.cpusOfNode(node)).size();
            if (count >= cpus && count < fewest && hasMemory(memoryBytes, memory.getOrDefault(node, 0L))) {
                best = node;
                fewest = count;
            }
        }
        return best < 0 ? CpuSet.empty() : CpuSet.of(best);
    }

    /**
     * Few nodes that fit together: the one with the most free CPUs, then always the nearest one with free CPUs. Empty if
     * all of them together do not fit.
     */
    CpuSet spanning(int cpus, long memoryBytes, CpuSet free, SortedMap<Integer, Long> memory) {
        CpuSet chosen = CpuSet.empty();
        int count = 0;
        long bytes = 0;
        while (count < cpus || !hasMemory(memoryBytes, bytes)) {
            int next = nextNode(chosen, free, count < cpus, memory);
            if (next < 0) {
                return CpuSet.empty();
            }
            chosen = chosen.union(CpuSet.of(next));
            count += free.intersection(machine.cpusOfNode(next)).size();
            bytes += memory.getOrDefault(next, 0L);
        }
        return chosen;
    }

    private boolean hasMemory(long needed, long free) {
        return !memoryCounts || free >= needed;
    }

    private int nextNode(CpuSet chosen, CpuSet free, boolean forCpus, SortedMap<Integer, Long> memory) {
        int best = -1;
        CpuSet nodes = machine.numaNodes().minus(chosen);
        for (int node = nodes.first(); node >= 0; node = nodes.next(node + 1)) {
            long gain = gain(node, free, forCpus, memory);
            if (gain > 0 && (best < 0 || isBetter(node, best, chosen, gain, gain(best, free, forCpus, memory)))) {
                best = node;
            }
        }
        return best;
    }

    private long gain(int node, CpuSet free, boolean forCpus, SortedMap<Integer, Long> memory) {
        return forCpus ? free.intersection(machine.cpusOfNode(node)).size() : memory.getOrDefault(node, 0L);
    }

    private boolean isBetter(int node, int than, CpuSet chosen, long gain, long gainOfThan) {
        long distance = distance(node, chosen);
        long distanceOfThan = distance(than, chosen);
        return distance < distanceOfThan || (distance == distanceOfThan && gain > gainOfThan);
    }

    private long distance(int node, CpuSet chosen) {
        List<Integer> row = machine.distances().get(node);
        if (row == null) {
            return 0;
        }
        long sum = 0;
        int column = 0;
        for (int other : machine.distances().keySet()) {
            if (chosen.contains(other)) {
                sum += row.get(column);
            }
            column++;
        }
        return sum;
    }

    /** How few nodes could hold the pod if nothing else ran: the measure of the restricted policy. */
    int fewest(int cpus, long memoryBytes, SortedMap<Integer, Long> allocatable) {
        CpuSet online = machine.cpuSet();
        CpuSet nodes = bestSingle(cpus, memoryBytes, online, allocatable);
        return nodes.isEmpty()
                ? spanning(cpus, memoryBytes, online, allocatable).size()
                : 1;
    }

    /** The pod's memory on its nodes, each filled up before the next; empty where memory is not accounted. */
    SortedMap<Integer, Long> memoryOn(CpuSet nodes, long memoryBytes, SortedMap<Integer, Long> memory) {
        SortedMap<Integer, Long> result = new TreeMap<>();
        if (!memoryCounts || memoryBytes == 0) {
            return result;
        }
        long left = memoryBytes;
        for (int node = nodes.first(); node >= 0; node = nodes.next(node + 1)) {
            long taken = Math.min(left, memory.getOrDefault(node, 0L));
            result.put(node, taken);
            left -= taken;
        }
        return result;
    }
}
