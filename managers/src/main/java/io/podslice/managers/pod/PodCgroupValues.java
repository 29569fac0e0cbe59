package io.podslice.managers.pod;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The values of a pod's cgroup (kubelet's ResourceConfigForPod, without memory QoS).
 *
 * @param cpuShares 2 to 262144
 * @param cpuQuotaMicros CFS quota in microseconds; 0: not set, -1: lifted
 * @param cpuPeriodMicros CFS period in microseconds; 0 where the quota is 0
 * @param memoryMaxBytes memory limit in bytes; 0: not set
 * @param hugetlbMaxBytes limit in bytes by page size in bytes; sizes that are missing get no pages at all
 */
public record PodCgroupValues(
        long cpuShares,
        long cpuQuotaMicros,
        long cpuPeriodMicros,
        long memoryMaxBytes,
        SortedMap<Long, Long> hugetlbMaxBytes) {

    public PodCgroupValues {
        hugetlbMaxBytes = Collections.unmodifiableSortedMap(new TreeMap<>(hugetlbMaxBytes));
    }

    /**
     * Returns the values for a pod.
     *
     * @param pod the pod with its defaults
     * @param overhead the pod's overhead
     * @param cfs the enforcement of CPU limits, and its period
     */
    public static PodCgroupValues of(PodSpec pod, ResourceList overhead, Cfs cfs) {
        EffectiveResources effective = EffectiveResources.of(pod, overhead);
        SortedMap<Long, Long> hugetlb = effective.requests().hugepageBytes();
        long shares = CpuUnits.sharesOf(effective.requests().cpuMillis());
        long quota = CpuUnits.quotaOf(effective.limits().cpuMillis(), cfs.periodMicros());
        if (!cfs.enforced()) {
            quota = -1;
        }
        long memory = effective.limits().memoryBytes();
        return switch (QosClass.of(pod)) {
            case GUARANTEED -> new PodCgroupValues(shares, quota, cfs.periodMicros(), memory, hugetlb);
            case BURSTABLE -> {
                boolean cpuLimited = declaresLimit(pod, ResourceName.CPU);
                yield new PodCgroupValues(
                        shares,
                        cpuLimited ? quota : 0,
                        cpuLimited ? cfs.periodMicros() : 0,
                        declaresLimit(pod, ResourceName.MEMORY) ? memory : 0,
                        hugetlb);
            }
            case BEST_EFFORT -> new PodCgroupValues(CpuUnits.MIN_SHARES, 0, 0, 0, hugetlb);
        };
    }

    /** Returns these values without a quota, for a pod all of whose containers have exclusive CPUs. */
    public PodCgroupValues withoutQuota() {
        return new PodCgroupValues(cpuShares, -1, cpuPeriodMicros, memoryMaxBytes, hugetlbMaxBytes);
    }

    /** Tells if the pod itself or every one of its containers has a limit. */
    static boolean declaresLimit(PodSpec pod, ResourceName name) {
        if (pod.resources().limits().has(name)) {
            return true;
        }
        for (ContainerSpec container : pod.containers()) {
            boolean limited = container.resources().limits().get(name).signum() > 0;
            if (!limited && container.kind() != ContainerKind.EPHEMERAL) {
                return false;
            }
        }
        return true;
    }
}
