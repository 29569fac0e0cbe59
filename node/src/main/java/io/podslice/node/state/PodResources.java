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
 * What a pod is asked to have and what it was granted, in requests and limits. Of a pod without resources as a whole
 * these are its containers' together; of one that gave no spec, what the values of its cgroup come to. Pure.
 */
public final class PodResources {
    private PodResources() {}

    /** What the pod is asked to have: by the resize that is pending if there is one. */
    public static ResourceRequirements desired(PodState pod) {
        PendingResize pending = pod.pending().orElse(null);
        return pending == null ? allocated(pod) : of(pending.desired(), pending.budget());
    }

    /** What the pod was granted. */
    public static ResourceRequirements allocated(PodState pod) {
        return of(pod.spec(), pod.budget());
    }

    private static ResourceRequirements of(Optional<PodSpec> spec, PodBudget budget) {
        if (spec.isEmpty()) {
            return ofCgroup(budget.cgroup());
        }
        if (spec.get().hasPodLevelResources()) {
            return spec.get().resources();
        }
        return new ResourceRequirements(
                EffectiveResources.of(spec.get(), ResourceList.EMPTY).requests(),
                ofCgroup(budget.cgroup()).limits());
    }

    /** What a container is asked to have itself. */
    public static ResourceRequirements desired(PodState pod, String container) {
        Optional<PodSpec> pending = pod.pending().flatMap(PendingResize::desired);
        return of(pending.isPresent() ? pending : pod.spec(), container);
    }

    /** What a container was granted itself. */
    public static ResourceRequirements allocated(PodState pod, String container) {
        return of(pod.spec(), container);
    }

    private static ResourceRequirements of(Optional<PodSpec> spec, String container) {
        return spec.flatMap(its -> its.container(container))
                .map(ContainerSpec::resources)
                .orElse(ResourceRequirements.NONE);
    }

    private static ResourceRequirements ofCgroup(PodCgroupValues values) {
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
        return new ResourceRequirements(requests, limits);
    }
}
