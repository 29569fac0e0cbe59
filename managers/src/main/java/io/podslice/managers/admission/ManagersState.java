package io.podslice.managers.admission;

import io.podslice.managers.cpu.CpuManagerState;
import io.podslice.managers.memory.MemoryState;
import io.podslice.managers.pod.PodSpec;

/** The allocations of all pods: an immutable value. */
public record ManagersState(CpuManagerState cpus, MemoryState memory) {
    public static final ManagersState EMPTY = new ManagersState(CpuManagerState.EMPTY, MemoryState.EMPTY);

    /** Returns this state without a pod and its allocations. */
    public ManagersState withoutPod(String uid) {
        return new ManagersState(cpus.withoutPod(uid), memory.withoutPod(uid));
    }

    /** Returns this state without a container; the pod's allocation as a whole goes with its last container. */
    public ManagersState withoutContainer(String uid, String container) {
        return new ManagersState(cpus.withoutContainer(uid, container), memory.withoutContainer(uid, container));
    }

    /**
     * Returns this state after the start of a container: the init containers before it have ended and leave their
     * memory.
     */
    public ManagersState afterStartOf(String uid, PodSpec spec, String container) {
        return new ManagersState(cpus, memory.afterStartOf(uid, spec, container));
    }
}
