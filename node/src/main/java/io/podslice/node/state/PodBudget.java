package io.podslice.node.state;

import io.podslice.managers.pod.CpuUnits;
import io.podslice.managers.pod.PodCgroupValues;
import io.podslice.managers.pod.ResourceList;

/**
 * A pod's budget as it is now, after whatever resizes.
 *
 * @param cgroup what its cgroup shall say
 * @param knowsHugepages whether the values for huge pages are known; if not, those files are left alone
 * @param limits the pod's own limits, without overhead: what a container without a limit inherits
 * @param overhead the pod's overhead, part of the cgroup's values
 */
public record PodBudget(PodCgroupValues cgroup, boolean knowsHugepages, ResourceList limits, ResourceList overhead) {

    /** Whether there is nothing to enforce. */
    public boolean isEmpty() {
        return cgroup.cpuQuotaMicros() <= 0
                && cgroup.memoryMaxBytes() == 0
                && cgroup.cpuShares() <= CpuUnits.MIN_SHARES
                && cgroup.hugetlbMaxBytes().isEmpty();
    }

    public PodBudget withCgroup(PodCgroupValues cgroup, ResourceList limits, ResourceList overhead) {
        return new PodBudget(cgroup, knowsHugepages, limits, overhead);
    }
}
