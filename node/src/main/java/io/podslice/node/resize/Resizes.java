package io.podslice.node.resize;

import io.podslice.cgroups.AppliedStep;
import io.podslice.cgroups.CgroupException;
import io.podslice.managers.placement.ContainerPlacement;
import io.podslice.managers.placement.PodPlacement;
import io.podslice.managers.placement.PodValues;
import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.CpuUnits;
import io.podslice.managers.pod.EffectiveResources;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.managers.pod.PodCgroupValues;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.Quantity;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceName;
import io.podslice.managers.resize.AllocatedSpec;
import io.podslice.managers.resize.DescribedRequests;
import io.podslice.managers.resize.FittedContainers;
import io.podslice.node.NodeConfig;
import io.podslice.node.NodeCounter;
import io.podslice.node.NodeIncident;
import io.podslice.node.NodeMeter;
import io.podslice.node.RefusedException;
import io.podslice.node.StateException;
import io.podslice.node.change.Changes;
import io.podslice.node.cpuset.PresentMachine;
import io.podslice.node.pods.AllocationMeter;
import io.podslice.node.pods.BoundsCheck;
import io.podslice.node.pods.PodIntake;
import io.podslice.node.state.Allocation;
import io.podslice.node.state.Ledger;
import io.podslice.node.state.PodBudget;
import io.podslice.node.state.PodState;
import io.podslice.node.state.Resizing;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Decides on the allocation of a running pod for which other resources are desired, and applies it. Guarded by the
 * brain's lock.
 */
public final class Resizes {
    private final NodeConfig config;
    private final ResizedPlacements placements;
    private final NodeFit fit;
    private final IdleCgroups idle;
    private final Ledger ledger;
    private final Changes changes;
    private final NodeMeter meter;
    private final AllocationMeter allocations;
    private final BoundsCheck bounds;

    public Resizes(
            NodeConfig config,
            PresentMachine machine,
            NodeFit fit,
            IdleCgroups idle,
            Ledger ledger,
            Changes changes,
            NodeMeter meter,
            AllocationMeter allocations,
            BoundsCheck bounds) {
        this.config = config;
        this.fit = fit;
        this.placements = new ResizedPlacements(machine, ledger, allocations);
        this.idle = idle;
        this.ledger = ledger;
        this.changes = changes;
        this.meter = meter;
        this.allocations = allocations;
        this.bounds = bounds;
    }

    /**
     * Allocates the budget that CRI names for the pod as a whole.
     *
     * @throws RefusedException if it cannot have it: {@code Deferred} for now, {@code Infeasible} for good
     */
    Allocation toBudget(PodState pod, LinuxResources overhead, LinuxResources resources) throws RefusedException {
        ledger.assertHeld();
        PodBudget budget = budget(pod, overhead, resources);
        if (pod.spec().isPresent()) {
            checkContainers(pod.spec().get(), budget);
        }
        if (pod.asks() || pod.hasCpus()) {
            idle.check(pod, budget);
        }
        PodPlacement placement = placements.ofBudget(pod, budget, resources);
        return bounded(
                pod, new Allocation(pod.spec().map(allocated -> ofPod(pod, allocated, budget)), budget, placement));
    }

    /**
     * Allocates the budget that CRI names for a pod of which no container runs, with containers that are lowered until they
     * fit it: the kubelet has resized them too, and names their own values when it creates them.
     *
     * @throws RefusedException if it cannot have it: {@code Deferred} for now, {@code Infeasible} for good
     */
    Allocation toFitted(PodState pod, PodSpec allocated, LinuxResources overhead, LinuxResources sent)
            throws RefusedException {
        ledger.assertHeld();
        PodBudget budget = budget(pod, overhead, sent);
        PodSpec ofPod = AllocatedSpec.withAccounted(ofPod(pod, allocated, budget), sent);
        PodSpec fitted =
                FittedContainers.of(ofPod, pod.running(), exclusive(pod)).orElse(ofPod);
        checkContainers(fitted, budget);
        Allocation allocation = new Allocation(Optional.of(fitted), budget, placements.ofSpec(pod, fitted));
        idle.check(pod, allocation);
        return bounded(pod, allocation);
    }

    /** Returns the names of the containers that have exclusive CPUs. */
    private static Set<String> exclusive(PodState pod) {
        Set<String> names = new HashSet<>();
        for (ContainerPlacement container : pod.placement().containers()) {
            if (container.isExclusive()) {
                names.add(container.name());
            }
        }
        return names;
    }

    private Allocation bounded(PodState pod, Allocation allocation) throws RefusedException {
        bounds.resize(ledger.state(), pod, pod.resized(allocation, pod.resizing()));
        return allocation;
    }

    private static PodSpec ofPod(PodState pod, PodSpec allocated, PodBudget budget) {
        PodSpec admitted = pod.describedSpec().orElse(allocated);
        return withRequests(pod, AllocatedSpec.withPodLimits(allocated, budget.limits(), admitted));
    }

    /** Adds the memory requests that a source of the cluster describes, which CRI never carries. */
    private static PodSpec withRequests(PodState pod, PodSpec allocated) {
        return pod.description()
                .spec()
                .map(described -> DescribedRequests.of(allocated, described))
                .orElse(allocated);
    }

    /**
     * Allocates the values that an update names for a container of the pod.
     *
     * @throws RefusedException if it cannot have it: {@code Deferred} for now, {@code Infeasible} for good
     */
    Allocation toContainer(PodState pod, String container, LinuxResources sent) throws RefusedException {
        ledger.assertHeld();
        PodSpec allocated = pod.spec().orElse(null);
        if (allocated == null) {
            return bounded(pod, pod.allocation().withPlacement(placements.ofContainer(pod, container, sent)));
        }
        PodSpec desired = withRequests(pod, AllocatedSpec.withContainer(allocated, container, sent));
        if (desired.equals(allocated)) {
            return pod.allocation();
        }
        return ofContainers(pod, desired);
    }

    private Allocation ofContainers(PodState pod, PodSpec desired) throws RefusedException {
        PodPlacement placement = placements.ofContainers(pod, desired);
        return bounded(pod, new Allocation(Optional.of(desired), pod.budget(), placement));
    }

    /**
     * Allocates the values with which a container of the pod is created. Where there is no room for them, containers that do
     * not run give way: the kubelet's values fit together, so theirs are out of date, and CRI names the present ones when
     * they are created. Containers that run keep what they have.
     *
     * @throws RefusedException if it cannot have it: {@code Deferred} for now, {@code Infeasible} for good
     */
    Allocation toCreated(PodState pod, String container, LinuxResources sent) throws RefusedException {
        try {
            return toContainer(pod, container, sent);
        } catch (RefusedException e) {
            PodSpec allocated = pod.spec().orElse(null);
            if (allocated == null) {
                throw e;
            }
            PodSpec desired = withRequests(pod, AllocatedSpec.withContainer(allocated, container, sent));
            Set<String> kept = new HashSet<>(pod.running());
            kept.add(container);
            PodSpec fitted = FittedContainers.of(desired, kept, exclusive(pod)).orElse(desired);
            if (fitted.equals(desired)) {
                throw e;
            }
            return ofContainers(pod, fitted);
        }
    }

    /**
     * Allocates the set that the pod's budget entitles it to, where the present one is smaller.
     *
     * @return empty if the pod has it, or the node has no more to give now, or the administrator's bounds allow no more
     */
    Optional<Allocation> toWholeSet(PodState pod) {
        ledger.assertHeld();
        Allocation whole =
                placements.whole(pod).map(pod.allocation()::withPlacement).orElse(null);
        try {
            return whole == null ? Optional.empty() : Optional.of(bounded(pod, whole));
        } catch (RefusedException e) {
            return Optional.empty(); // it was promised no more than the bounds allow
        }
    }

    /**
     * Allocates the desired spec.
     *
     * @throws RefusedException if it cannot have it: {@code Deferred} for now, {@code Infeasible} for good
     */
    Allocation toSpec(PodState pod, PodSpec desired) throws RefusedException {
        ledger.assertHeld();
        PodPlacement placement = placements.ofSpec(pod, desired);
        fit.check(ledger.state(), pod, desired);
        Allocation allocation = new Allocation(Optional.of(desired), budget(pod, desired, placement), placement);
        idle.check(pod, allocation);
        return bounded(pod, allocation);
    }

    /**
     * Resizes the pod.
     *
     * @param allocation the pod's new allocation
     * @param resizing the pod's resizes with the work that is left once its cgroups have the allocation
     * @return the steps that changed something, in order
     * @throws CgroupException if the kernel refuses something; nothing has changed
     * @throws StateException if the state cannot be saved; nothing has changed
     */
    List<AppliedStep> apply(PodState pod, Allocation allocation, Resizing resizing) {
        ledger.assertHeld();
        PodState resized = pod.resized(allocation, resizing);
        if (resized.equals(pod)) {
            return List.of();
        }
        List<AppliedStep> steps;
        try {
            steps = changes.enforceOrThrow(
                    ledger.state().with(resized),
                    List.of(),
                    cpusets -> ResizePlan.of(pod, resized, cpusets, config.cfs()),
                    resized.hasCpus() ? resized : null,
                    "resize " + pod.fullName());
        } catch (CgroupException | StateException e) {
            failed(pod, String.valueOf(e.getMessage()));
            throw e;
        }
        done(pod, resized);
        return steps;
    }

    /** Counts a resize that is done. */
    void done(PodState before, PodState after) {
        allocations.placed(before.placement(), after.placement());
        meter.count(NodeCounter.RESIZES, "done");
        meter.note(new NodeIncident.Resized(
                after.podName(), "done", after.allocation().summary()));
    }

    /** Counts a resize that the kernel, the disk or the runtime failed. */
    void failed(PodState pod, String why) {
        meter.count(NodeCounter.RESIZES, "failed");
        meter.note(new NodeIncident.Resized(pod.podName(), "failed", why));
    }

    /** Returns the steps by which {@link #apply} would change something, in order, without writing. */
    List<AppliedStep> dryRun(PodState pod, Allocation allocation) {
        ledger.assertHeld();
        PodState resized = pod.resized(allocation, pod.resizing());
        return changes.dryRun(
                ledger.state().with(resized), cpusets -> ResizePlan.of(pod, resized, cpusets, config.cfs()));
    }

    /** Returns the allocation that CRI asks for, for messages and retries; the placement in it is the present one. */
    Allocation asked(PodState pod, LinuxResources overhead, LinuxResources sent) {
        PodBudget budget = budget(pod, overhead, sent);
        return new Allocation(pod.spec().map(allocated -> ofPod(pod, allocated, budget)), budget, pod.placement());
    }

    /** Returns the allocation that an update of a container asks for; the placement in it is the present one. */
    Allocation asked(PodState pod, String containerId, LinuxResources sent) {
        String name = pod.container(containerId).orElseThrow().name();
        return pod.allocation()
                .withSpec(pod.spec().map(allocated -> AllocatedSpec.withContainer(allocated, name, sent)));
    }

    /** Returns the allocation that a desired spec asks for; the placement in it is the present one. */
    Allocation asked(PodState pod, PodSpec desired) {
        return new Allocation(Optional.of(desired), budget(pod, desired, pod.placement()), pod.placement());
    }

    /** Returns the budget with the values that were sent in place of those before; zero means not sent. */
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

    /** Changes only limits that the pod has as a whole: a pod without them has none to inherit. */
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

    /**
     * Returns the budget for a spec. A value that follows from the allocated spec too stays as it is: the kubelet may have
     * accounted another total than the containers add up to. So does a limit that the spec does not name, for the kubelet
     * removes none.
     */
    private PodBudget budget(PodState pod, PodSpec desired, PodPlacement placement) {
        PodBudget before = pod.budget();
        PodCgroupValues had = before.cgroup();
        PodCgroupValues from =
                PodValues.cgroup(pod.spec().orElse(desired), pod.placement(), before.overhead(), config.cfs());
        PodCgroupValues to = PodValues.cgroup(desired, placement, before.overhead(), config.cfs());
        boolean sameQuota =
                to.cpuQuotaMicros() == from.cpuQuotaMicros() && to.cpuPeriodMicros() == from.cpuPeriodMicros();
        boolean keepsQuota = to.cpuQuotaMicros() == 0 || sameQuota;
        boolean keepsMemory = to.memoryMaxBytes() <= 0 || to.memoryMaxBytes() == from.memoryMaxBytes();
        PodCgroupValues after = new PodCgroupValues(
                to.cpuShares() == from.cpuShares() ? had.cpuShares() : to.cpuShares(),
                keepsQuota ? had.cpuQuotaMicros() : to.cpuQuotaMicros(),
                keepsQuota ? had.cpuPeriodMicros() : to.cpuPeriodMicros(),
                keepsMemory ? had.memoryMaxBytes() : to.memoryMaxBytes(),
                had.hugetlbMaxBytes());
        return before.withCgroup(after, desired.resources().limits(), before.overhead());
    }

    /** Checks the budget against the containers as the API server does, for requests that do not come by way of it. */
    private static void checkContainers(PodSpec spec, PodBudget budget) throws RefusedException {
        ResourceList requests = EffectiveResources.aggregateRequests(spec);
        for (ResourceName name : budget.limits().names()) {
            Quantity limit = budget.limits().get(name);
            if (limit.compareTo(requests.get(name)) < 0) {
                throw ResizedPlacements.infeasible("pod " + name + " limit of " + limit
                        + " must be greater than or equal to aggregate container requests of " + requests.get(name));
            }
            for (ContainerSpec container : spec.containers()) {
                Quantity own = container.resources().limits().get(name);
                if (container.kind() == ContainerKind.APP && own.compareTo(limit) > 0) {
                    throw ResizedPlacements.infeasible("container \"" + container.name() + "\": " + name + " limit of "
                            + own + " must be less than or equal to pod limits of " + limit);
                }
            }
        }
    }
}
