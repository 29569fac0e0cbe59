package io.podslice.managers.memory;

import io.podslice.cgroups.CpuSet;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.ResourceName;
import io.podslice.managers.topology.AdmissionOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The memory manager, policy Static. It decides and holds no state of its own, so any thread may use it. */
public final class MemoryManager {
    private final MemoryCapacity capacity;
    private final boolean podLevel;

    /**
     * @param podLevel true if pods with pod-level resources are allocated memory as in KEP-5526; otherwise they get
     *     none
     */
    public MemoryManager(MemoryCapacity capacity, boolean podLevel) {
        this.capacity = capacity;
        this.podLevel = podLevel;
    }

    /**
     * Begins an attempt to admit a pod; a pod that was admitted before keeps its allocation.
     *
     * @param state the allocations of all pods before
     * @param uid the pod's uid
     */
    public MemoryAttempt attempt(MemoryState state, String uid, PodSpec spec) {
        return new MemoryAttempt(capacity, state, uid, MemoryDemand.of(AdmissionOrder.of(spec), podLevel));
    }

    /**
     * Resizes a pod's memory as a whole, on its present nodes: no running container's {@code cpuset.mems} has to
     * change. The parts of its containers, which are bookkeeping, stay unchanged.
     *
     * @param others the allocations of all other pods
     * @param pod a pod with memory as a whole
     * @return the resized pod; empty if these nodes have too little free
     */
    public Optional<MemoryState.Pod> resized(MemoryState others, MemoryState.Pod pod, long bytes) {
        MemoryUse use = MemoryUse.of(capacity, others);
        List<MemoryBlock> blocks = new ArrayList<>();
        for (MemoryBlock block : pod.ofPod()) {
            MemoryBlock after = block.type().equals(ResourceName.MEMORY) ? block.withBytes(bytes) : block;
            MemoryAmounts amount = new MemoryAmounts(new TreeMap<>(Map.of(after.type(), after.bytes())));
            if (after.bytes() > block.bytes() && !use.has(after.nodes(), amount)) {
                return Optional.empty();
            }
            blocks.add(after);
        }
        return Optional.of(new MemoryState.Pod(blocks, pod.containers()));
    }

    /**
     * Resizes a container's own memory, on its present nodes.
     *
     * @param others the allocations of all other pods
     * @param pod a pod without memory as a whole
     * @return the resized pod; empty if these nodes have too little free
     */
    public Optional<MemoryState.Pod> resized(MemoryState others, MemoryState.Pod pod, String container, long bytes) {
        List<MemoryBlock> left = new ArrayList<>();
        long has = 0;
        for (MemoryBlock block : pod.containers().getOrDefault(container, List.of())) {
            has += block.type().equals(ResourceName.MEMORY) ? block.bytes() : 0;
        }
        MemoryUse use = MemoryUse.of(capacity, others).plus(pod.without(container));
        long more = bytes - has;
        for (MemoryBlock block : pod.containers().getOrDefault(container, List.of())) {
            MemoryBlock after = block;
            if (block.type().equals(ResourceName.MEMORY) && more != 0) {
                long taken = Math.max(0, block.bytes() + more);
                more -= taken - block.bytes();
                after = block.withBytes(taken);
                MemoryAmounts amount = new MemoryAmounts(new TreeMap<>(Map.of(after.type(), bytes)));
                if (after.bytes() > block.bytes() && !use.has(after.nodes(), amount)) {
                    return Optional.empty();
                }
            }
            if (after.bytes() > 0) {
                left.add(after);
            }
        }
        return Optional.of(pod.with(container, left));
    }

    /**
     * Returns the bytes by type that a pod can have on one NUMA node alone: none on a node that serves pods together with
     * others, since it would serve both.
     */
    public Map<ResourceName, Long> freeOfOne(MemoryState state, int node) {
        MemoryUse use = MemoryUse.of(capacity, state);
        boolean mixes = use.isViolatedBy(CpuSet.of(node));
        Map<ResourceName, Long> free = new TreeMap<>();
        for (ResourceName type :
                capacity.byNode().getOrDefault(node, new TreeMap<>()).keySet()) {
            free.put(type, mixes ? 0 : use.free(type).getOrDefault(node, 0L));
        }
        return free;
    }

    /** Returns the memory that is free for pods, e.g. {@code free by NUMA node: 0: memory 3Gi; 1: memory 12Gi}. */
    public String free(MemoryState state) {
        return MemoryOutlook.free(capacity, MemoryUse.of(capacity, state));
    }
}
