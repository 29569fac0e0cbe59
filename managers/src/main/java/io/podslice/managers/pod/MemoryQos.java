package io.podslice.managers.pod;

import java.util.OptionalDouble;

/**
 * Tiered memory protection (KEP-2570), as the kubelet computes it: a Guaranteed pod's request is memory.min, a
 * Burstable pod's request is memory.low, and between request and limit memory.high throttles.
 *
 * @param tiered true if requests are protected at all (memoryReservationPolicy TieredReservation)
 * @param throttlingFactor the place of memory.high between request (0) and limit (1): above 0, at most 1
 *     (memoryThrottlingFactor); empty for no throttling
 * @param version the kubelet version whose rules apply where versions differ
 * @param minHeadroomPercent percentage of a Guaranteed request that is left out of memory.min, 0 to 100. Page cache
 *     counts as a container's memory: with all of it protected, a pod at its limit is killed rather than made to give
 *     up cache (kubernetes/kubernetes issue 126485)
 * @param pageBytes size of the machine's memory page, above 0; memory.high is a multiple of it
 * @param allocatableBytes the node's allocatable memory, which stands for a limit where there is none
 */
public record MemoryQos(
        boolean tiered,
        OptionalDouble throttlingFactor,
        MemoryQosVersion version,
        int minHeadroomPercent,
        long pageBytes,
        long allocatableBytes) {

    /** Neither protection nor throttling. */
    public static final MemoryQos OFF =
            new MemoryQos(false, OptionalDouble.empty(), MemoryQosVersion.V1_37, 0, 4096, 0);

    public MemoryQos {
        double factor = throttlingFactor.orElse(1);
        if (!(factor > 0 && factor <= 1)) {
            throw new IllegalArgumentException(
                    "memoryThrottlingFactor " + factor + ": must be greater than 0 and at most 1");
        }
        if (minHeadroomPercent < 0 || minHeadroomPercent > 100) {
            throw new IllegalArgumentException("memoryMinHeadroomPercent " + minHeadroomPercent + ": must be 0 to 100");
        }
        if (pageBytes < 1) {
            throw new IllegalArgumentException("page size " + pageBytes + ": must be greater than 0");
        }
    }

    /** The rules of 1.37, with all of a request protected. */
    public MemoryQos(boolean tiered, OptionalDouble throttlingFactor, long pageBytes, long allocatableBytes) {
        this(tiered, throttlingFactor, MemoryQosVersion.V1_37, 0, pageBytes, allocatableBytes);
    }

    /** Tells if there is neither protection nor throttling. */
    public boolean isOff() {
        return !tiered && throttlingFactor.isEmpty();
    }

    /**
     * Returns the values of a container's cgroup. Without protection, memory.min and memory.low are both written as
     * zero, so that a value left by an earlier policy is lifted. A container without a limit has the pod's.
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
        return switch (version) {
            case V1_36 -> {
                long own = container.resources().limits().memoryBytes();
                MemoryProtection throttled =
                        request == own ? written : throttled(written, request, limitOrAllocatable(own));
                // Above memory.max it would never throttle, and no file may exceed that of the cgroup above it.
                yield limit > 0 && throttled.highBytes().orElse(0) > limit ? written : throttled;
            }
            case V1_37 -> throttled(written, request, limitOrAllocatable(limit));
        };
    }

    private long limitOrAllocatable(long limit) {
        return limit == 0 ? allocatableBytes : limit;
    }

    /**
     * Returns the values of a pod's cgroup. memory.high is set only for a pod that has pod-level resources and a memory
     * limit: its own, or one of each container; by the rules of 1.36 never.
     *
     * @param pod with its defaults
     * @param overhead the pod's overhead
     */
    public MemoryProtection ofPod(PodSpec pod, ResourceList overhead) {
        EffectiveResources effective = EffectiveResources.of(pod, overhead);
        long request = effective.requests().memoryBytes();
        MemoryProtection guarded = guarded(QosClass.of(pod), request);
        boolean throttles = version == MemoryQosVersion.V1_37
                && pod.hasPodLevelResources()
                && PodCgroupValues.declaresLimit(pod, ResourceName.MEMORY);
        return throttles ? throttled(guarded, request, effective.limits().memoryBytes()) : guarded;
    }

    private MemoryProtection guarded(QosClass qos, long request) {
        if (!tiered || request == 0) {
            return MemoryProtection.NONE;
        }
        return switch (qos) {
            case GUARANTEED -> MemoryProtection.NONE.withMin(withoutHeadroom(request));
            case BURSTABLE -> MemoryProtection.NONE.withLow(request);
            case BEST_EFFORT -> MemoryProtection.NONE;
        };
    }

    long withoutHeadroom(long request) {
        // Computed in two parts, since the product of a request near 8 EiB would overflow.
        return request - request / 100 * minHeadroomPercent - request % 100 * minHeadroomPercent / 100;
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
