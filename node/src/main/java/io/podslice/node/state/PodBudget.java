package io.podslice.node.state;

import io.podslice.managers.pod.CpuUnits;
import io.podslice.managers.pod.PodCgroupValues;
import io.podslice.managers.pod.ResourceList;

/**
 * A pod's allocated budget, from its admission or from its latest resize.
 *
 * @param cgroup the desired values of its cgroup's files
 * @param knowsHugepages true if the values for huge pages are known; if not, those files are left alone
 * @param limits the pod's own limits, without overhead: what a container without a limit inherits
 * @param overhead the pod's overhead, part of the cgroup's values
 */
public record PodBudget(PodCgroupValues cgroup, boolean knowsHugepages, ResourceList limits, ResourceList overhead) {

    /** Tells if there is nothing to enforce. */
    public boolean isEmpty() {
        return cgroup.cpuQuotaMicros() <= 0
                && cgroup.memoryMaxBytes() == 0
                && cgroup.cpuShares() <= CpuUnits.MIN_SHARES
                && cgroup.hugetlbMaxBytes().isEmpty();
    }

    /** Returns the budget with other values; the values for huge pages stay known or unknown as before. */
    public PodBudget withCgroup(PodCgroupValues cgroup, ResourceList limits, ResourceList overhead) {
        return new PodBudget(cgroup, knowsHugepages, limits, overhead);
    }
}
