package io.podslice.managers.pod;

import io.podslice.cgroups.HugePageSize;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;

/** The resources in a container's request to the runtime: its own, or the pod's where it has none. */
public final class ContainerValues {
    private ContainerValues() {}

    /**
     * Returns the resources that the kubelet sends for a container: limits from its own, else the pod's; shares from
     * its own CPU request, else from that limit, so that each of several containers that name neither weighs as much as
     * the whole pod may use.
     *
     * @param pod the pod with its defaults
     */
    public static LinuxResources of(PodSpec pod, ContainerSpec container, Cfs cfs) {
        ResourceList requests = container.resources().requests();
        Quantity limit = inheritedLimit(pod, container, ResourceName.CPU);
        Quantity weighed = requests.has(ResourceName.CPU) ? requests.get(ResourceName.CPU) : limit;
        return filledIn(
                LinuxResources.NONE.withCpuShares(CpuUnits.sharesOf(weighed.milliValue())),
                container,
                pod.resources().limits(),
                cfs);
    }

    /** Returns the container's own limit, or the pod's where it has none; zero where neither has. */
    static Quantity inheritedLimit(PodSpec pod, ContainerSpec container, ResourceName name) {
        return inherited(container.resources().limits(), pod.resources().limits(), name);
    }

    /**
     * Returns the container's resources with the sender's gaps (zeros) filled: limits from the container's own, else
     * the pod's; shares from its own request. The values that the sender set stay.
     *
     * @param pod the pod's own limits at present; they may have been resized since the spec was written
     */
    public static LinuxResources filledIn(LinuxResources sent, ContainerSpec container, ResourceList pod, Cfs cfs) {
        LinuxResources result = sent;
        ResourceList own = container.resources().limits();
        if (sent.cpuQuotaMicros() == 0 && cfs.enforced()) {
            long milli = inherited(own, pod, ResourceName.CPU).milliValue();
            if (milli > 0) {
                long period = sent.cpuPeriodMicros() > 0 ? sent.cpuPeriodMicros() : cfs.periodMicros();
                result = result.withCpuQuota(CpuUnits.quotaOf(milli, period), period);
            }
        }
        if (sent.memoryLimitBytes() == 0) {
            result = result.withMemoryLimit(
                    inherited(own, pod, ResourceName.MEMORY).value());
        }
        ResourceList requests = container.resources().requests();
        if (sent.cpuShares() == 0 && requests.has(ResourceName.CPU)) {
            result = result.withCpuShares(CpuUnits.sharesOf(requests.cpuMillis()));
        }
        return result.withHugepageLimits(hugepages(sent, own, pod));
    }

    private static Quantity inherited(ResourceList own, ResourceList pod, ResourceName name) {
        Quantity limit = own.get(name);
        return limit.signum() > 0 ? limit : pod.get(name);
    }

    /** Returns the limits as sent; a page size without a limit gets the container's own, else the pod's. */
    private static Map<String, Long> hugepages(LinuxResources sent, ResourceList own, ResourceList pod) {
        Map<String, Long> result = new LinkedHashMap<>(sent.hugepageLimits());
        SortedMap<Long, Long> limits = pod.hugepageBytes();
        limits.putAll(own.hugepageBytes());
        limits.forEach((size, bytes) -> {
            String name = new HugePageSize(size).toString();
            if (result.getOrDefault(name, 0L) == 0) {
                result.put(name, bytes);
            }
        });
        return result;
    }
}
