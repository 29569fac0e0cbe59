package io.podslice.node;

import io.podslice.cgroups.CgroupPath;
import io.podslice.managers.placement.PodDemand;
import io.podslice.node.state.PodBudget;
import java.util.Map;

/**
 * What a pod asks of podslice.
 *
 * @param cgroup its cgroup
 * @param annotations podslice's own annotations, as given; empty if the pod is known by inference alone
 * @param demand CPUs and memory of its own
 * @param budget what its cgroup shall enforce
 */
record PodAsk(CgroupPath cgroup, Map<String, String> annotations, PodDemand demand, PodBudget budget) {
    PodAsk {
        annotations = Map.copyOf(annotations);
    }

    boolean inferred() {
        return annotations.isEmpty();
    }
}
