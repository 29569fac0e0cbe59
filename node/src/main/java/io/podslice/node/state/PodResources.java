package io.podslice.node.state;

import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.CpuUnits;
import io.podslice.managers.pod.EffectiveResources;
import io.podslice.managers.pod.PodCgroupValues;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.Quantity;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceName;
import io.podslice.managers.pod.ResourceRequirements;
import java.util.Optional;

/**
 * A pod's desired and allocated resources, as requests and limits. Of a pod without pod-level resources these are its
 * containers' together; of one that gave no spec, what the values of its cgroup come to. All are without the pod's
 * overhead, which its cgroup's values include. Pure.
 */
public final class PodResources {
    private PodResources() {}

    /** Returns the pod's desired resources: those of the resize that is pending, if one is. */
    public static ResourceRequirements desired(PodState pod) {
        PendingResize pending = pod.pending().orElse(null);
        return pending == null ? allocated(pod) : of(pending.desired(), pending.budget());
    }

    /** Returns the pod's allocated resources. */
    public static ResourceRequirements allocated(PodState pod) {
        return of(pod.spec(), pod.budget());
    }

    private static ResourceRequirements of(Optional<PodSpec> spec, PodBudget budget) {
        if (spec.isEmpty()) {
            return ofCgroup(budget);
        }
        if (spec.get().hasPodLevelResources()) {
            return spec.get().resources();
        }
        return new ResourceRequirements(
                EffectiveResources.of(spec.get(), ResourceList.EMPTY).requests(),
                ofCgroup(budget).limits());
    }

    /** Returns a container's own desired resources. */
    public static ResourceRequirements desired(PodState pod, String container) {
        Optional<PodSpec> pending = pod.pending().flatMap(PendingResize::desired);
        return of(pending.isPresent() ? pending : pod.spec(), container);
    }

    /** Returns a container's own allocated resources. */
    public static ResourceRequirements allocated(PodState pod, String container) {
        return of(pod.spec(), container);
    }

    private static ResourceRequirements of(Optional<PodSpec> spec, String container) {
        return spec.flatMap(its -> its.container(container))
                .map(ContainerSpec::resources)
                .orElse(ResourceRequirements.NONE);
    }

    private static ResourceRequirements ofCgroup(PodBudget budget) {
        PodCgroupValues values = budget.cgroup();
        ResourceList requests = ResourceList.EMPTY;
        ResourceList limits = ResourceList.EMPTY;
        if (values.cpuShares() > CpuUnits.MIN_SHARES) {
            requests = requests.with(ResourceName.CPU, Quantity.ofMillis(CpuUnits.milliOfShares(values.cpuShares())));
        }
        if (values.cpuQuotaMicros() > 0) {
            long milli = CpuUnits.milliOfQuota(values.cpuQuotaMicros(), values.cpuPeriodMicros());
            limits = limits.with(ResourceName.CPU, Quantity.ofMillis(milli));
        }
        if (values.memoryMaxBytes() > 0) {
            limits = limits.with(ResourceName.MEMORY, Quantity.ofBytes(values.memoryMaxBytes()));
        }
        return new ResourceRequirements(requests.minus(budget.overhead()), limits.minus(budget.overhead()));
    }
}
