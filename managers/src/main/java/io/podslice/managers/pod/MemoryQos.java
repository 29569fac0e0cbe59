package io.podslice.managers.pod;

import java.util.OptionalDouble;

/**
 * Tiered memory protection (KEP-2570), as the kubelet of 1.37 computes it: what a Guaranteed pod asks for is memory.min,
 * what a Burstable one asks for is memory.low, and between request and limit memory.high throttles.
 *
 * @param tiered whether requests are protected at all (memoryReservationPolicy TieredReservation)
 * @param throttlingFactor where memory.high lies between request (0) and limit (1): above 0, at most 1
 *     (memoryThrottlingFactor); empty: nowhere
 * @param pageBytes size of the machine's memory page, above 0; memory.high is a multiple of it
 * @param allocatableBytes the node's allocatable memory, which stands for a limit where there is none
 */
public record MemoryQos(boolean tiered, OptionalDouble throttlingFactor, long pageBytes, long allocatableBytes) {

    public MemoryQos {
        double factor = throttlingFactor.orElse(1);
        if (!(factor > 0 && factor <= 1)) {
            throw new IllegalArgumentException(
                    "memoryThrottlingFactor " + factor + ": must be greater than 0 and at most 1");
        }
        if (pageBytes < 1) {
            throw new IllegalArgumentException("page size " + pageBytes + ": must be greater than 0");
        }
    }

    /**
     * For a container's cgroup. Where nothing is protected both guards are written as zero, so that one which an earlier
     * policy left is lifted. Its limit is the pod's where it has none itself.
     *
     * @param pod with its defaults
     */
    public MemoryProtection ofContainer(PodSpec pod, ContainerSpec container) {
        long request = container.resources().requests().memoryBytes();
        long limit = ContainerValues.inheritedLimit(pod, container, ResourceName.MEMORY)
                .value();
        MemoryProtection guarded = guarded(QosClass.of(pod), request);
        MemoryProtection written =
                guarded.equals(MemoryProtection.NONE) ? guarded.withMin(0).withLow(0) : guarded;
        return throttled(written, request, limit == 0 ? allocatableBytes : limit);
    }

    /**
     * For a pod's cgroup. Its use is throttled only where it has resources as a whole, and a limit of memory: its own, or
     * one of each container.
     *
     * @param pod with its defaults
     * @param overhead the pod's overhead
     */
    public MemoryProtection ofPod(PodSpec pod, ResourceList overhead) {
        EffectiveResources effective = EffectiveResources.of(pod, overhead);
        long request = effective.requests().memoryBytes();
        MemoryProtection guarded = guarded(QosClass.of(pod), request);
        return pod.hasPodLevelResources() && PodCgroupValues.declaresLimit(pod, ResourceName.MEMORY)
                ? throttled(guarded, request, effective.limits().memoryBytes())
                : guarded;
    }

    private MemoryProtection guarded(QosClass qos, long request) {
        if (!tiered || request == 0) {
            return MemoryProtection.NONE;
        }
        return switch (qos) {
            case GUARANTEED -> MemoryProtection.NONE.withMin(request);
            case BURSTABLE -> MemoryProtection.NONE.withLow(request);
            case BEST_EFFORT -> MemoryProtection.NONE;
        };
    }

    private MemoryProtection throttled(MemoryProtection guarded, long request, long limit) {
        if (throttlingFactor.isEmpty() || request == limit) {
            return guarded;
        }
        double between = request + throttlingFactor.getAsDouble() * (limit - request);
        long high = (long) Math.floor(between / pageBytes) * pageBytes;
        return high > request ? guarded.withHigh(high) : guarded;
    }
}
