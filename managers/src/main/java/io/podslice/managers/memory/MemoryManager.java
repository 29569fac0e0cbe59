package io.podslice.managers.memory;

import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.ResourceName;
import io.podslice.managers.topology.AdmissionOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The memory manager, policy Static. It decides; it holds no state of its own, so any thread may use it.
 */
public final class MemoryManager {
    private final MemoryCapacity capacity;
    private final boolean podLevel;

    /**
     * @param podLevel whether pods with resources of their own are served as KEP-5526 says; if not they are not served
     *     at all
     */
    public MemoryManager(MemoryCapacity capacity, boolean podLevel) {
        this.capacity = capacity;
        this.podLevel = podLevel;
    }

    /**
     * Begins an attempt to admit a pod, or to admit it once more: what it has then stays.
     *
     * @param state who has what before
     * @param uid the pod
     */
    public MemoryAttempt attempt(MemoryState state, String uid, PodSpec spec) {
        return new MemoryAttempt(capacity, state, uid, MemoryDemand.of(AdmissionOrder.of(spec), podLevel));
    }

    /**
     * The pod's memory as a whole made larger or smaller, on the nodes that it is on: no running container's
     * {@code cpuset.mems} has to change. Its containers' parts, which are bookkeeping, stay as they are.
     *
     * @param others who else has what
     * @param pod with memory as a whole
     * @return empty if these nodes have not so much left
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
     * The memory that a container has by itself made larger or smaller, on the nodes that it is on.
     *
     * @param others who else has what
     * @param pod without memory as a whole
     * @return empty if these nodes have not so much left
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

    /** What is free for pods, e.g. {@code free by NUMA node: 0: memory 3Gi; 1: memory 12Gi}. */
    public String free(MemoryState state) {
        return MemoryOutlook.free(capacity, MemoryUse.of(capacity, state));
    }
}
