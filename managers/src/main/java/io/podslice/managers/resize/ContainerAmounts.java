package io.podslice.managers.resize;

import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.CpuUnits;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.Quantity;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceName;

/**
 * A container's requests and limits, with the pod's limits where it has none itself; 0 where neither has one.
 *
 * @param cpuRequestMillis CPU request in millicores
 * @param cpuLimitMillis CPU limit in millicores
 */
public record ContainerAmounts(
        long cpuRequestMillis, long cpuLimitMillis, long memoryRequestBytes, long memoryLimitBytes) {
    private static final long PERIOD_MICROS = 100_000;

    /**
     * Returns the amounts of a container.
     *
     * @param pod the pod with its defaults
     */
    public static ContainerAmounts of(PodSpec pod, ContainerSpec container) {
        ResourceList requests = container.resources().requests();
        return new ContainerAmounts(
                requests.cpuMillis(),
                limit(pod, container, ResourceName.CPU).milliValue(),
                requests.memoryBytes(),
                limit(pod, container, ResourceName.MEMORY).value());
    }

    private static Quantity limit(PodSpec pod, ContainerSpec container, ResourceName name) {
        Quantity own = container.resources().limits().get(name);
        return own.signum() > 0 ? own : pod.resources().limits().get(name);
    }

    /** Returns the direction in which a resource changes from these amounts to the desired ones. */
    Change to(ContainerAmounts desired, ResourceName resource) {
        return resource.equals(ResourceName.CPU) ? cpuTo(desired) : memoryTo(desired);
    }

    /** Returns the direction in which CPU changes. All amounts below the kernel's smallest count as equal. */
    private Change cpuTo(ContainerAmounts desired) {
        return change(
                CpuUnits.quotaOf(cpuLimitMillis, PERIOD_MICROS),
                CpuUnits.quotaOf(desired.cpuLimitMillis, PERIOD_MICROS),
                CpuUnits.sharesOf(cpuRequestMillis),
                CpuUnits.sharesOf(desired.cpuRequestMillis));
    }

    private Change memoryTo(ContainerAmounts desired) {
        return change(memoryLimitBytes, desired.memoryLimitBytes, memoryRequestBytes, desired.memoryRequestBytes);
    }

    /** Returns the direction of the limit if it changes, else that of the request. */
    private static Change change(long limit, long desiredLimit, long request, long desiredRequest) {
        if (limit != desiredLimit) {
            return unlimited(desiredLimit) < unlimited(limit) ? Change.DECREASE : Change.INCREASE;
        }
        if (request != desiredRequest) {
            return desiredRequest < request ? Change.DECREASE : Change.INCREASE;
        }
        return Change.NONE;
    }

    private static long unlimited(long limit) {
        return limit == 0 ? Long.MAX_VALUE : limit;
    }

    /** The direction in which an amount changes. */
    enum Change {
        NONE,
        DECREASE,
        INCREASE
    }
}
