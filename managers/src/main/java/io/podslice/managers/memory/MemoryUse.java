package io.podslice.managers.memory;

import io.podslice.cgroups.CpuSet;
import io.podslice.managers.pod.ResourceName;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The memory in use on each NUMA node: the sum of the blocks of all pods on this machine.
 *
 * <p>A node serves either blocks of its own alone or those of one group of nodes, never both. Within a group only the
 * sums matter; they are charged to its nodes in ascending order. Blocks that no longer fit, because the machine has
 * shrunk, leave nothing free and have no other effect.
 */
final class MemoryUse {
    private final MemoryCapacity capacity;
    /** The group of nodes with which a node serves blocks; absent for a node alone. */
    private final Map<Integer, CpuSet> groups = new HashMap<>();

    private final Map<Integer, Integer> assignments = new HashMap<>();
    private final Map<ResourceName, SortedMap<Integer, Long>> free = new HashMap<>();

    private MemoryUse(MemoryCapacity capacity) {
        this.capacity = capacity;
    }

    static MemoryUse of(MemoryCapacity capacity, MemoryState state) {
        return withoutPod(capacity, state, "");
    }

    /** Returns the use by all pods but this one. */
    static MemoryUse withoutPod(MemoryCapacity capacity, MemoryState state, String uid) {
        MemoryUse use = new MemoryUse(capacity);
        for (Map.Entry<String, MemoryState.Pod> pod : state.pods().entrySet()) {
            if (!pod.getKey().equals(uid)) {
                pod.getValue().charged().forEach(use::add);
            }
        }
        return use;
    }

    /** Returns this use plus that of a pod. */
    MemoryUse plus(MemoryState.Pod pod) {
        MemoryUse use = new MemoryUse(capacity);
        use.groups.putAll(groups);
        use.assignments.putAll(assignments);
        free.forEach((type, bytes) -> use.free.put(type, new TreeMap<>(bytes)));
        pod.charged().forEach(use::add);
        return use;
    }

    private void add(MemoryBlock block) {
        SortedMap<Integer, Long> left = freeBytes(block.type());
        long bytes = block.bytes();
        for (int node = block.nodes().first(); node >= 0; node = block.nodes().next(node + 1)) {
            groups.put(node, block.nodes());
            assignments.merge(node, 1, Integer::sum);
            long taken = Math.min(bytes, left.getOrDefault(node, 0L));
            if (taken > 0) {
                left.merge(node, -taken, Long::sum);
                bytes -= taken;
            }
        }
    }

    private SortedMap<Integer, Long> freeBytes(ResourceName type) {
        return free.computeIfAbsent(type, capacity::allocatable);
    }

    /** The free bytes of a type by node id; nodes that have none of the type are absent. */
    SortedMap<Integer, Long> free(ResourceName type) {
        return new TreeMap<>(freeBytes(type));
    }

    /** The number of blocks that a node has a part in. */
    int assignments(int node) {
        return assignments.getOrDefault(node, 0);
    }

    /** The group of nodes with which a node serves blocks, itself included. */
    CpuSet group(int node) {
        return groups.getOrDefault(node, CpuSet.of(node));
    }

    /** The groups of more than one node. */
    List<CpuSet> groups() {
        return groups.values().stream()
                .filter(group -> group.size() > 1)
                .distinct()
                .toList();
    }

    /** Tells if a block on these nodes would mix with blocks of other groups. */
    boolean isViolatedBy(CpuSet nodes) {
        for (int node = nodes.first(); node >= 0; node = nodes.next(node + 1)) {
            boolean fits =
                    nodes.size() == 1 ? group(node).size() == 1 : group(node).equals(nodes);
            if (assignments(node) > 0 && !fits) {
                return true;
            }
        }
        return false;
    }

    /** Tells if these nodes together have that much free. */
    boolean has(CpuSet nodes, MemoryAmounts amounts) {
        for (Map.Entry<ResourceName, Long> amount : amounts.bytes().entrySet()) {
            long sum = 0;
            SortedMap<Integer, Long> left = freeBytes(amount.getKey());
            for (int node = nodes.first(); node >= 0; node = nodes.next(node + 1)) {
                sum += left.getOrDefault(node, 0L);
            }
            if (sum < amount.getValue()) {
                return false;
            }
        }
        return true;
    }
}
