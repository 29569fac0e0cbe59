package io.podslice.node.cpuset;

import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.node.state.NodeState;
import io.podslice.node.state.PodState;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The CPU sets that podslice's last change has left in the cgroups of pods with CPUs of their own. A change reads those again whose
 * pod or set it alters; read all, they would make a pod's start the slower the more pods there are. What another program writes
 * into the others is a sweep's to find.
 *
 * @param cpusets of the cgroups that existed
 * @param pods as they were, by their cgroup
 */
record CpusetsInForce(SortedMap<CgroupPath, CpuSet> cpusets, Map<CgroupPath, PodState> pods) {
    /** Nothing is known: the next change reads all. */
    static final CpusetsInForce UNKNOWN = new CpusetsInForce(Collections.emptySortedMap(), Map.of());

    /**
     * Returns what is in force once a change has been made.
     *
     * @param desired the sets of the state
     * @param present the sets before the change; a cgroup that it lacks does not exist
     */
    static CpusetsInForce after(
            NodeState state, SortedMap<CgroupPath, CpuSet> desired, SortedMap<CgroupPath, CpuSet> present) {
        Map<CgroupPath, PodState> pods = new HashMap<>();
        for (PodState pod : state.pods()) {
            if (pod.hasCpus()) {
                pods.put(pod.cgroup(), pod);
            }
        }
        SortedMap<CgroupPath, CpuSet> cpusets = new TreeMap<>(desired);
        cpusets.keySet().removeIf(path -> !present.containsKey(path) || podAt(path, pods) == null);
        return new CpusetsInForce(cpusets, pods);
    }

    /** Returns those of a state's desired sets that are in force, and in cgroups of pods that are in it as they were. */
    SortedMap<CgroupPath, CpuSet> stillIn(NodeState state, SortedMap<CgroupPath, CpuSet> desired) {
        Map<CgroupPath, PodState> same = new HashMap<>();
        for (PodState pod : state.pods()) {
            if (pod.equals(pods.get(pod.cgroup()))) {
                same.put(pod.cgroup(), pod);
            }
        }
        SortedMap<CgroupPath, CpuSet> still = new TreeMap<>(cpusets);
        still.entrySet()
                .removeIf(set -> podAt(set.getKey(), same) == null
                        || !Objects.equals(set.getValue(), desired.get(set.getKey())));
        return still;
    }

    private static @Nullable PodState podAt(CgroupPath path, Map<CgroupPath, PodState> pods) {
        PodState pod = pods.get(path);
        return pod != null ? pod : path.parent().map(pods::get).orElse(null);
    }
}
