package io.podslice.managers.resize;

import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.CpuUnits;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.Quantity;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceName;
import io.podslice.managers.pod.ResourceRequirements;
import org.jspecify.annotations.Nullable;

/**
 * Updates a pod's spec from what CRI tells of a resize, which is less than a spec: no memory request, and shares and
 * quota in place of amounts. A request that equalled its limit still does, since a pod's QoS class never changes.
 */
public final class AllocatedSpec {
    private AllocatedSpec() {}

    /**
     * Returns the spec with these limits of the pod as a whole. CRI sends the CPU request separately; until then a CPU
     * request that differs from the limit stays, but never above the new limit.
     *
     * @param admitted the spec that the pod was admitted with: a container that had no limit of its own there, and was
     *     given the pod's new limit before the pod was, inherits it
     */
    public static PodSpec withPodLimits(PodSpec spec, ResourceList limits, PodSpec admitted) {
        PodSpec result = spec.withResources(withLimits(spec.resources(), limits));
        for (ContainerSpec container : spec.containers()) {
            ResourceList had = admitted.container(container.name())
                    .map(admittedContainer -> admittedContainer.resources().limits())
                    .orElse(ResourceList.EMPTY);
            ResourceList own = container.resources().limits();
            for (ResourceName name : limits.names()) {
                if (!had.has(name) && own.has(name) && own.get(name).equals(limits.get(name))) {
                    own = own.without(name);
                }
            }
            if (!own.equals(container.resources().limits())) {
                result = result.with(container.withResources(
                        new ResourceRequirements(container.resources().requests(), own)));
            }
        }
        return result;
    }

    /**
     * Returns the spec with the totals that the kubelet accounts for a pod with pod-level resources, where they mean other
     * amounts than the spec's; of any other pod the totals are its containers' sum, and stay theirs.
     *
     * @param sent {@code linux.resources} of the pod's sandbox, without overhead; zero means "not set"
     */
    public static PodSpec withAccounted(PodSpec spec, LinuxResources sent) {
        if (!spec.hasPodLevelResources()) {
            return spec;
        }
        ResourceRequirements had = spec.resources();
        ResourceList limits = ResourceList.EMPTY;
        Quantity cpu = had.limits().find(ResourceName.CPU);
        if (cpu != null) {
            long milli = accountedMilli(cpu, cpu.equals(had.requests().get(ResourceName.CPU)), sent);
            limits = milli > 0 ? limits.with(ResourceName.CPU, Quantity.ofMillis(milli)) : limits;
        }
        Quantity memory = had.limits().find(ResourceName.MEMORY);
        long bytes = sent.memoryLimitBytes();
        if (memory != null && bytes > 0 && bytes != memory.value()) {
            limits = limits.with(ResourceName.MEMORY, Quantity.ofBytes(bytes));
        }
        PodSpec limited = limits.isEmpty() ? spec : withPodLimits(spec, limits, spec);
        return limited.withResources(withCpuRequest(limited.resources(), sent.cpuShares()));
    }

    /** Returns the CPU limit that differs from the present one, in millicores; 0 if it does not. */
    private static long accountedMilli(Quantity limit, boolean isRequest, LinuxResources sent) {
        if (sent.cpuQuotaMicros() > 0) {
            boolean same = CpuUnits.quotaOf(limit.milliValue(), sent.cpuPeriodMicros()) == sent.cpuQuotaMicros();
            return same ? 0 : CpuUnits.milliOfQuota(sent.cpuQuotaMicros(), sent.cpuPeriodMicros());
        }
        // A lifted quota says that the CPUs are exclusive: then the request is the limit.
        boolean pinned = sent.cpuQuotaMicros() < 0 && isRequest && sent.cpuShares() > 0;
        return pinned && CpuUnits.sharesOf(limit.milliValue()) != sent.cpuShares()
                ? CpuUnits.milliOfShares(sent.cpuShares())
                : 0;
    }

    /**
     * Returns the spec with an update of one container. Zero in the update means "not set"; a limit that equals the
     * pod's, of a container without a limit of its own, is inherited.
     *
     * @param sent {@code linux.resources} of the update
     */
    public static PodSpec withContainer(PodSpec spec, String name, LinuxResources sent) {
        ContainerSpec container = spec.container(name).orElse(null);
        if (container == null) {
            return spec;
        }
        ResourceRequirements result = container.resources();
        Quantity cpu = cpuLimit(spec, result, sent);
        if (cpu != null) {
            result = withLimits(result, ResourceList.EMPTY.with(ResourceName.CPU, cpu));
        }
        Quantity memory = memoryLimit(spec, result, sent);
        if (memory != null) {
            result = withLimits(result, ResourceList.EMPTY.with(ResourceName.MEMORY, memory));
        }
        return spec.with(container.withResources(withCpuRequest(result, sent.cpuShares())));
    }

    private static @Nullable Quantity cpuLimit(PodSpec spec, ResourceRequirements had, LinuxResources sent) {
        long period = sent.cpuPeriodMicros();
        Quantity own = had.limits().get(ResourceName.CPU);
        if (sent.cpuQuotaMicros() < 0) {
            long pinned = own.signum() == 0
                    ? 0
                    : accountedMilli(own, own.equals(had.requests().get(ResourceName.CPU)), sent);
            return pinned > 0 ? Quantity.ofMillis(pinned) : null;
        }
        Quantity inherited = own.signum() > 0 ? own : spec.resources().limits().get(ResourceName.CPU);
        boolean same = CpuUnits.quotaOf(inherited.milliValue(), period) == sent.cpuQuotaMicros();
        long milli = CpuUnits.milliOfQuota(sent.cpuQuotaMicros(), period);
        // A container whose CPU request equals its limit is resized by shares and quota together; a quota alone only
        // throttles.
        boolean whole = own.signum() == 0
                || !own.equals(had.requests().get(ResourceName.CPU))
                || CpuUnits.sharesOf(milli) == sent.cpuShares();
        return milli > 0 && !same && whole ? Quantity.ofMillis(milli) : null;
    }

    private static @Nullable Quantity memoryLimit(PodSpec spec, ResourceRequirements had, LinuxResources sent) {
        Quantity own = had.limits().get(ResourceName.MEMORY);
        Quantity inherited = own.signum() > 0 ? own : spec.resources().limits().get(ResourceName.MEMORY);
        long bytes = sent.memoryLimitBytes();
        return bytes > 0 && bytes != inherited.value() ? Quantity.ofBytes(bytes) : null;
    }

    /**
     * Returns the requirements with the CPU request that the shares mean. Shares of a container without a request come
     * from its limit.
     */
    private static ResourceRequirements withCpuRequest(ResourceRequirements had, long shares) {
        Quantity request = had.requests().find(ResourceName.CPU);
        boolean isLimit = request != null && request.equals(had.limits().get(ResourceName.CPU));
        if (request == null || isLimit || shares <= 0 || CpuUnits.sharesOf(request.milliValue()) == shares) {
            return had;
        }
        Quantity asked = Quantity.ofMillis(CpuUnits.milliOfShares(shares));
        return new ResourceRequirements(had.requests().with(ResourceName.CPU, asked), had.limits());
    }

    private static ResourceRequirements withLimits(ResourceRequirements had, ResourceList limits) {
        ResourceList requests = had.requests();
        ResourceList result = had.limits();
        for (ResourceName name : limits.names()) {
            Quantity limit = limits.get(name);
            Quantity request = requests.find(name);
            boolean wasLimit = had.limits().has(name) && had.limits().get(name).equals(requests.get(name));
            if (request != null && (wasLimit || request.compareTo(limit) > 0)) {
                requests = requests.with(name, limit);
            }
            result = result.with(name, limit);
        }
        return new ResourceRequirements(requests, result);
    }
}
