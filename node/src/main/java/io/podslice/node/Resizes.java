package io.podslice.node;

import io.podslice.cgroups.CgroupException;
import io.podslice.cgroups.CgroupFiles;
import io.podslice.managers.placement.Placement;
import io.podslice.managers.placement.PodPlacement;
import io.podslice.managers.placement.PodPlacer;
import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.CpuUnits;
import io.podslice.managers.pod.EffectiveResources;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.managers.pod.PodAnnotations;
import io.podslice.managers.pod.PodCgroupValues;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.Quantity;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceName;
import io.podslice.node.state.PodBudget;
import io.podslice.node.state.PodState;
import java.util.List;

/** Resizes a running pod's budget. Guarded by the brain's lock. */
final class Resizes {
    private final NodeConfig config;
    private final CgroupFiles files;
    private final PodPlacer placer;
    private final Ledger ledger;
    private final Changes changes;

    Resizes(NodeConfig config, CgroupFiles files, PodPlacer placer, Ledger ledger, Changes changes) {
        this.config = config;
        this.files = files;
        this.placer = placer;
        this.ledger = ledger;
        this.changes = changes;
    }

    /**
     * Whether the pod can have the new budget now.
     *
     * @throws RefusedException if it cannot: {@code Deferred} for now, {@code Infeasible} for good
     */
    void check(PodState pod, LinuxResources overhead, LinuxResources resources) throws RefusedException {
        resized(pod, overhead, resources);
    }

    /**
     * Gives the pod the new budget.
     *
     * @throws RefusedException if it cannot have it (any more); nothing has changed
     * @throws CgroupException if the kernel refuses something; nothing has changed
     * @throws StateException if the state cannot be saved; nothing has changed
     */
    void apply(PodState pod, LinuxResources overhead, LinuxResources resources) throws RefusedException {
        PodState resized = resized(pod, overhead, resources);
        if (resized.equals(pod)) {
            return;
        }
        changes.enforce(
                ledger.state().with(resized),
                List.of(),
                cpusets -> ResizePlan.of(pod, resized, cpusets),
                resized.hasCpus() ? resized : null,
                "resize " + pod.fullName());
    }

    private PodState resized(PodState pod, LinuxResources overhead, LinuxResources sent) throws RefusedException {
        PodBudget budget = budget(pod, overhead, sent);
        if (!pod.inferred()) {
            checkContainers(pod, budget);
            checkMemoryUsage(pod, budget);
        }
        return pod.withBudget(budget).withPlacement(placement(pod, budget, sent));
    }

    /** What is said replaces what was; zero means not said. */
    private PodBudget budget(PodState pod, LinuxResources overheadSent, LinuxResources sent) {
        PodBudget before = pod.budget();
        PodCgroupValues values = before.cgroup();
        ResourceList overhead = PodIntake.overheadOf(overheadSent);
        if (overhead.isEmpty()) {
            overhead = before.overhead();
        }
        PodCgroupValues said =
                PodIntake.withOverhead(sent, overhead, config.cfs().periodMicros());
        boolean keepsNoQuota = values.cpuQuotaMicros() < 0 && pod.placement().hasSlices();
        PodCgroupValues after = new PodCgroupValues(
                sent.cpuShares() > 0 ? said.cpuShares() : values.cpuShares(),
                sent.cpuQuotaMicros() != 0 && !keepsNoQuota ? said.cpuQuotaMicros() : values.cpuQuotaMicros(),
                sent.cpuQuotaMicros() != 0 && !keepsNoQuota ? said.cpuPeriodMicros() : values.cpuPeriodMicros(),
                sent.memoryLimitBytes() > 0 ? said.memoryMaxBytes() : values.memoryMaxBytes(),
                values.hugetlbMaxBytes());
        return before.withCgroup(after, limits(before.limits(), sent), overhead);
    }

    /** Only limits that the pod has as a whole change: a pod without them has none to inherit. */
    private static ResourceList limits(ResourceList before, LinuxResources sent) {
        ResourceList limits = before;
        long milli = CpuUnits.milliOfQuota(sent.cpuQuotaMicros(), sent.cpuPeriodMicros());
        if (milli > 0 && before.has(ResourceName.CPU)) {
            limits = limits.with(ResourceName.CPU, Quantity.ofMillis(milli));
        }
        if (sent.memoryLimitBytes() > 0 && before.has(ResourceName.MEMORY)) {
            limits = limits.with(ResourceName.MEMORY, Quantity.ofBytes(sent.memoryLimitBytes()));
        }
        return limits;
    }

    private PodPlacement placement(PodState pod, PodBudget budget, LinuxResources sent) throws RefusedException {
        PodPlacement before = pod.placement();
        int size = before.ofPod().size();
        long milli = size == 0 ? 0 : PodIntake.cpuLimitMilli(sent);
        int cpus = milli == 0 ? size : (int) Math.min(Integer.MAX_VALUE, Math.ceilDiv(milli, 1000L));
        if (milli % 1000 != 0 && !pod.inferred()) {
            throw infeasible("asked a CPU limit of " + Quantity.ofMillis(milli) + "; the pod has " + size
                    + " CPUs of its own (" + before.ofPod() + "), which come whole: ask for " + cpus);
        }
        long memory = before.memoryBytes() > 0 && budget.limits().memoryBytes() > 0
                ? budget.limits().memoryBytes()
                : before.memoryBytes();
        if (cpus == size && memory == before.memoryBytes()) {
            return before;
        }
        return switch (placer.resize(ledger.state().placements(), pod.uid(), cpus, memory)) {
            case Placement.Placed(PodPlacement placed) -> placed;
            case Placement.Rejected rejected -> {
                if (pod.inferred()) {
                    yield before;
                }
                throw new RefusedException(Refusal.of(rejected));
            }
        };
    }

    /** The API server's checks against the containers, for whoever does not come by way of it. */
    private static void checkContainers(PodState pod, PodBudget budget) throws RefusedException {
        PodSpec spec = PodAnnotations.of(pod.annotations()).spec().orElse(null);
        if (spec == null) {
            return;
        }
        ResourceList requests = EffectiveResources.aggregateRequests(spec);
        for (ResourceName name : budget.limits().names()) {
            Quantity limit = budget.limits().get(name);
            if (limit.compareTo(requests.get(name)) < 0) {
                throw infeasible("pod " + name + " limit of " + limit
                        + " must be greater than or equal to aggregate container requests of " + requests.get(name));
            }
            for (ContainerSpec container : spec.containers()) {
                Quantity own = container.resources().limits().get(name);
                if (container.kind() == ContainerKind.APP && own.compareTo(limit) > 0) {
                    throw infeasible("container \"" + container.name() + "\": " + name + " limit of " + own
                            + " must be less than or equal to pod limits of " + limit);
                }
            }
        }
    }

    /** Below what is used the kernel would reclaim, and then kill. */
    private void checkMemoryUsage(PodState pod, PodBudget budget) throws RefusedException {
        long limit = budget.cgroup().memoryMaxBytes();
        long before = pod.budget().cgroup().memoryMaxBytes();
        if (limit == 0 || (before > 0 && limit >= before)) {
            return;
        }
        if (!files.hasFile(pod.cgroup(), "memory.current")) {
            return;
        }
        long used = Long.parseLong(files.read(pod.cgroup(), "memory.current").strip());
        if (used >= limit) {
            throw new RefusedException(new Refusal(
                    "Deferred",
                    Refusal.Kind.PRECONDITION,
                    "cannot decrease memory limits: attempting to set pod memory limit (" + limit
                            + ") below current usage (" + used + ")"));
        }
    }

    private static RefusedException infeasible(String message) {
        return new RefusedException(new Refusal("Infeasible", Refusal.Kind.PRECONDITION, message));
    }
}
