package io.podslice.node.cpuset;

import io.podslice.cgroups.CgroupPath;
import java.util.List;
import java.util.Map;

/**
 * The existing cgroups that hold pods, down to the children of every cgroup above a pod that has CPUs of its own.
 *
 * @param root the root of all pods
 * @param byParent the children of the root, and of each cgroup between it and a pod that has CPUs of its own
 */
public record PodTree(CgroupPath root, Map<CgroupPath, List<CgroupPath>> byParent) {
    public PodTree {
        byParent = Map.copyOf(byParent);
    }

    /** Tells if a pod that has CPUs of its own is somewhere below the cgroup. */
    boolean leadsToCpus(CgroupPath cgroup) {
        return byParent.containsKey(cgroup);
    }

    List<CgroupPath> children(CgroupPath parent) {
        return byParent.getOrDefault(parent, List.of());
    }
}
