package io.podslice.managers.admission;

import io.podslice.managers.cpu.CpuManagerState;
import io.podslice.managers.memory.MemoryState;
import io.podslice.managers.pod.PodSpec;

/** What all pods have: an immutable value. */
public record ManagersState(CpuManagerState cpus, MemoryState memory) {
    public static final ManagersState EMPTY = new ManagersState(CpuManagerState.EMPTY, MemoryState.EMPTY);

    /** Without a pod and all that it had. */
    public ManagersState withoutPod(String uid) {
        return new ManagersState(cpus.withoutPod(uid), memory.withoutPod(uid));
    }

    /** Without a container; what its pod has as a whole goes with its last one. */
    public ManagersState withoutContainer(String uid, String container) {
        return new ManagersState(cpus.withoutContainer(uid, container), memory.withoutContainer(uid, container));
    }

    /** Once a container starts, the init containers before it have ended and leave their memory. */
    public ManagersState afterStartOf(String uid, PodSpec spec, String container) {
        return new ManagersState(cpus, memory.afterStartOf(uid, spec, container));
    }
}
