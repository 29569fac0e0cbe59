package io.podslice.managers.placement;

import io.podslice.cgroups.CpuSet;
import io.podslice.managers.admission.ManagersState;
import io.podslice.managers.cpu.CpuManagerState;
import io.podslice.managers.memory.MemoryState;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The placements of all pods of a node: an immutable value.
 *
 * @param pods by pod uid
 */
public record NodePlacements(SortedMap<String, PodPlacement> pods) {
    public static final NodePlacements EMPTY = new NodePlacements(new TreeMap<>());

    public NodePlacements {
        pods = Collections.unmodifiableSortedMap(new TreeMap<>(pods));
    }

    public NodePlacements with(String uid, PodPlacement pod) {
        SortedMap<String, PodPlacement> result = new TreeMap<>(pods);
        result.put(uid, pod);
        return new NodePlacements(result);
    }

    public NodePlacements without(String uid) {
        SortedMap<String, PodPlacement> result = new TreeMap<>(pods);
        result.remove(uid);
        return new NodePlacements(result);
    }

    /** All CPUs that belong exclusively to a pod. */
    public CpuSet held() {
        CpuSet held = CpuSet.empty();
        for (PodPlacement pod : pods.values()) {
            held = held.union(pod.cpus());
        }
        return held;
    }

    /** These placements as the state of the CPU and memory managers. */
    public ManagersState state() {
        SortedMap<String, CpuManagerState.Pod> cpus = new TreeMap<>();
        SortedMap<String, MemoryState.Pod> memory = new TreeMap<>();
        for (Map.Entry<String, PodPlacement> pod : pods.entrySet()) {
            PodPlacement placement = pod.getValue();
            if (placement.hasCpus()) {
                cpus.put(pod.getKey(), placement.cpuState());
            }
            if (placement.hasMemory()) {
                memory.put(pod.getKey(), placement.memory());
            }
        }
        return new ManagersState(new CpuManagerState(cpus), new MemoryState(memory));
    }
}
