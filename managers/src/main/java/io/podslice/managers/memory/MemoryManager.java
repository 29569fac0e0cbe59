package io.podslice.managers.memory;

import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.topology.AdmissionOrder;

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

    /** What is free for pods, e.g. {@code free by NUMA node: 0: memory 3Gi; 1: memory 12Gi}. */
    public String free(MemoryState state) {
        return MemoryOutlook.free(capacity, MemoryUse.of(capacity, state));
    }
}
