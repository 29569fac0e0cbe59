package io.podslice.node.cpuset;

import io.podslice.cgroups.CgroupPath;
import java.util.List;
import java.util.Map;

/**
 * The cgroups that hold pods, as far as they matter.
 *
 * @param root the root of all pods
 * @param byParent the children of the root and of each cgroup between it and a pod that has CPUs
 */
public record PodTree(CgroupPath root, Map<CgroupPath, List<CgroupPath>> byParent) {
    public PodTree {
        byParent = Map.copyOf(byParent);
    }

    List<CgroupPath> children(CgroupPath parent) {
        return byParent.getOrDefault(parent, List.of());
    }
}
