package io.podslice.managers.pod;

import java.util.Optional;

/**
 * The resources that the kubelet accounts for a pod or a container, as CRI carries them in {@code linux.resources}: shares
 * of the CPU request, quota of the CPU limit, the memory limit. An annotation is a tenant's word; what it claims beyond
 * these is refused, or, where a resize has made the annotation stale, replaced by them.
 *
 * @param sent without overhead
 * @param cfs the node's enforcement of CPU limits
 */
public record AccountedResources(LinuxResources sent, Cfs cfs) {

    /** Tells if the sender accounts for resources: the kubelet always sends shares; crictl sends what its file has. */
    public boolean isKnown() {
        return sent.cpuShares() > 0 || sent.cpuQuotaMicros() != 0 || sent.memoryLimitBytes() > 0;
    }

    /**
     * Returns the first claim of a pod's spec that is above what is accounted for the pod as a whole.
     *
     * @param pod with its defaults
     * @param fields the names of the pod's parts in messages
     */
    public Optional<InvalidPodSpecException> excessOf(PodSpec pod, PodSpecFields fields) {
        EffectiveResources claimed = EffectiveResources.of(pod, ResourceList.EMPTY);
        String path = pod.hasPodLevelResources() ? fields.resources() : fields.containers();
        return excess(
                path, "pod", CpuUnits.sharesOf(claimed.requests().cpuMillis()), claimed.requests(), claimed.limits());
    }

    /**
     * Returns the first claim of a container's spec that is above what is accounted for it.
     *
     * @param pod with its defaults
     * @param path the name of the container in messages
     */
    public Optional<InvalidPodSpecException> excessOf(PodSpec pod, ContainerSpec container, String path) {
        ResourceList limits = ResourceList.EMPTY;
        for (ResourceName name : new ResourceName[] {ResourceName.CPU, ResourceName.MEMORY}) {
            Quantity limit = ContainerValues.inheritedLimit(pod, container, name);
            if (limit.signum() > 0) {
                limits = limits.with(name, limit);
            }
        }
        return excess(
                path + ".resources",
                "container",
                CpuUnits.sharesOf(container.resources().requests().cpuMillis()),
                container.resources().requests(),
                limits);
    }

    private Optional<InvalidPodSpecException> excess(
            String path, String what, long shares, ResourceList requests, ResourceList limits) {
        if (sent.cpuShares() > 0 && shares > sent.cpuShares()) {
            return Optional.of(above(
                    path + ".requests[cpu]",
                    requests.get(ResourceName.CPU).toString(),
                    what,
                    Quantity.ofMillis(CpuUnits.milliOfShares(sent.cpuShares())) + " CPU (linux.resources.cpu_shares "
                            + sent.cpuShares() + ")"));
        }
        long quota = CpuUnits.quotaOf(limits.cpuMillis(), Math.max(1, sent.cpuPeriodMicros()));
        if (sent.cpuQuotaMicros() > 0 && (quota == 0 || quota > sent.cpuQuotaMicros())) {
            return Optional.of(above(
                    path + ".limits[cpu]",
                    quota == 0 ? "none" : limits.get(ResourceName.CPU).toString(),
                    what,
                    Quantity.ofMillis(CpuUnits.milliOfQuota(sent.cpuQuotaMicros(), sent.cpuPeriodMicros()))
                            + " CPU (linux.resources.cpu_quota " + sent.cpuQuotaMicros() + ")"));
        }
        long memory = limits.memoryBytes();
        if (sent.memoryLimitBytes() > 0 && (memory == 0 || memory > sent.memoryLimitBytes())) {
            return Optional.of(above(
                    path + ".limits[memory]",
                    memory == 0 ? "none" : limits.get(ResourceName.MEMORY).toString(),
                    what,
                    Quantity.ofBytes(sent.memoryLimitBytes()) + " of memory (linux.resources.memory_limit_in_bytes "
                            + sent.memoryLimitBytes() + ")"));
        }
        return Optional.empty();
    }

    private static InvalidPodSpecException above(String field, String claimed, String what, String accounted) {
        return new InvalidPodSpecException(
                field, claimed, "the kubelet has accounted " + accounted + " for the " + what + ", and no more");
    }
}
