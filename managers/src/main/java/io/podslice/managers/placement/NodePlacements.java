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
 * What all pods of a node have: an immutable value.
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

    /** All CPUs that are some pod's own. */
    public CpuSet held() {
        CpuSet held = CpuSet.empty();
        for (PodPlacement pod : pods.values()) {
            held = held.union(pod.cpus());
        }
        return held;
    }

    /** The same as the managers know it. */
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
