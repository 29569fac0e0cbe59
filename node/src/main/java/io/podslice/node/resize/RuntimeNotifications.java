package io.podslice.node.resize;

import io.podslice.cgroups.CgroupFile;
import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.DraftCgroups;
import io.podslice.cgroups.Plan;
import io.podslice.cgroups.PlanRunner;
import io.podslice.cgroups.Step;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.ContainerValues;
import io.podslice.managers.pod.CpuUnits;
import io.podslice.managers.pod.LiftedQuota;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.managers.pod.PodSpec;
import io.podslice.node.NodeConfig;
import io.podslice.node.ResizeCondition;
import io.podslice.node.RuntimeUpdates;
import io.podslice.node.change.Changes;
import io.podslice.node.change.MemoryInUse;
import io.podslice.node.change.PodCgroup;
import io.podslice.node.pods.Containers;
import io.podslice.node.state.Allocation;
import io.podslice.node.state.ContainerState;
import io.podslice.node.state.Guard;
import io.podslice.node.state.Ledger;
import io.podslice.node.state.NodeState;
import io.podslice.node.state.PodState;
import io.podslice.node.state.ResizeInProgress;
import io.podslice.node.state.ResizeInProgress.LoweredHigh;
import io.podslice.node.state.Resizing;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the runtime of containers that were resized without it. The cgroups are written first, all of a resize at once;
 * the runtime merges later updates into its own record of a container, so that record must be right too. It is told
 * without the brain's lock: a runtime with NRI asks its plugins, podslice among them, before it answers.
 */
public final class RuntimeNotifications {
    private static final Logger log = LoggerFactory.getLogger(RuntimeNotifications.class);

    private final Guard guard;
    private final NodeConfig config;
    private final CgroupFiles files;
    private final Ledger ledger;
    private final Changes changes;
    private final Containers containers;
    private final RuntimeUpdates runtime;
    private final MemoryInUse memory;

    public RuntimeNotifications(
            Guard guard,
            NodeConfig config,
            CgroupFiles files,
            Ledger ledger,
            Changes changes,
            Containers containers,
            RuntimeUpdates runtime) {
        this.guard = guard;
        this.config = config;
        this.files = files;
        this.ledger = ledger;
        this.changes = changes;
        this.containers = containers;
        this.runtime = runtime;
        this.memory = new MemoryInUse(files);
    }

    /**
     * A container's resources that must still be sent to the runtime.
     *
     * @param uid of its pod
     * @param spec the pod's allocated spec that they come from
     * @param container the runtime's id of it
     * @param cgroup the container's
     */
    private record Notification(
            String uid, Optional<PodSpec> spec, String container, CgroupPath cgroup, LinuxResources resources) {}

    /**
     * Returns a pod's resizes once its cgroups have the allocation: none is pending, and the containers that change are
     * left to tell the runtime.
     */
    Resizing after(PodState before, Allocation allocation, Instant now) {
        ledger.assertHeld();
        PodState resized = before.resized(allocation, before.resizing());
        List<String> untold = new ArrayList<>();
        if (runtime.isConnected()) {
            for (ContainerState container : resized.containers()) {
                boolean changed = !ResizePlan.amounts(before, container.name())
                                .equals(ResizePlan.amounts(resized, container.name()))
                        || !before.cpusOf(container.name()).equals(resized.cpusOf(container.name()));
                if (changed && !container.id().isEmpty()) {
                    untold.add(container.id());
                }
            }
        }
        List<LoweredHigh> lowered =
                before.inProgress().map(ResizeInProgress::lowered).orElse(List.of());
        if (untold.isEmpty() && lowered.isEmpty()) {
            return Resizing.NONE;
        }
        return Resizing.NONE.withInProgress(Optional.of(new ResizeInProgress(untold(now), lowered, untold)));
    }

    /**
     * Returns a pod's resizes once its cgroups have the allocation: what is pending or in progress stays so, and the
     * containers that change are left to tell the runtime too.
     */
    Resizing beside(PodState before, Allocation allocation, Instant now) {
        Resizing after = after(before, allocation, now);
        ResizeInProgress had = before.inProgress().orElse(null);
        ResizeInProgress has = after.inProgress().orElse(null);
        if (had == null || has == null) {
            return before.resizing().withInProgress(has == null ? before.inProgress() : after.inProgress());
        }
        Set<String> untold = new LinkedHashSet<>(had.untold());
        untold.addAll(has.untold());
        return before.resizing().withInProgress(had.withUntold(List.copyOf(untold)));
    }

    /** Returns a pod's resizes with these containers left to tell the runtime too, by its ids of them. */
    Resizing beside(PodState pod, List<String> ids, Instant now) {
        ResizeInProgress had =
                pod.inProgress().orElseGet(() -> new ResizeInProgress(untold(now), List.of(), List.of()));
        Set<String> untold = new LinkedHashSet<>(had.untold());
        untold.addAll(ids);
        return pod.resizing().withInProgress(had.withUntold(List.copyOf(untold)));
    }

    private static ResizeCondition untold(Instant now) {
        return new ResizeCondition(ResizeCondition.Type.IN_PROGRESS, "", "the runtime has not been told yet", now);
    }

    /** Sends the runtime all notifications that are left. Blocks; must be called without the lock. */
    public void tell() {
        if (!runtime.isConnected()) {
            return;
        }
        List<Notification> told = new ArrayList<>();
        for (Notification notification : guard.look(this::due)) {
            if (!mayKill(notification) && runtime.update(notification.container(), notification.resources())) {
                told.add(notification);
            }
        }
        if (!told.isEmpty()) {
            guard.quietly("runtime told", () -> forget(told));
        }
    }

    /**
     * Tells if the kernel could kill for what the runtime would write. With any update the runtime writes the memory limit
     * that it has stored; where another program has raised the container's limit above that, and more is in use, the
     * runtime is told once less is.
     */
    private boolean mayKill(Notification notification) {
        if (notification.resources().memoryLimitBytes() > 0) {
            return false;
        }
        long stored = runtime.storedMemoryLimit(notification.container());
        boolean may = stored > 0 && memory.isAbove(notification.cgroup(), stored);
        if (may) {
            log.warn(
                    "container {}: the runtime is not told of its resize yet: it would write the memory.max {} that it has"
                            + " stored, and {} bytes are in use",
                    notification.container(),
                    stored,
                    memory.of(notification.cgroup()));
        }
        return may;
    }

    private List<Notification> due() {
        List<Notification> due = new ArrayList<>();
        for (PodState pod : ledger.state().pods()) {
            for (String id : pod.inProgress().map(ResizeInProgress::untold).orElse(List.of())) {
                pod.container(id).ifPresent(container -> {
                    containers.told(pod, container);
                    due.add(new Notification(pod.uid(), pod.spec(), id, pod.cgroupOf(id), resources(pod, container)));
                });
            }
        }
        return due;
    }

    private LinuxResources resources(PodState pod, ContainerState container) {
        ContainerSpec spec =
                pod.spec().flatMap(known -> known.container(container.name())).orElse(null);
        LinuxResources values = spec == null
                ? LinuxResources.NONE
                : ContainerValues.filledIn(
                        LinuxResources.NONE, spec, pod.budget().limits(), config.cfs());
        return inForce(pod, container, containers.updated(pod, container, values.withHugepageLimits(Map.of())));
    }

    /**
     * Leaves out values that the container's cgroup does not have: its client has set others since, which the runtime
     * knows and podslice does not. A container without a cgroup is not started, and gets them all.
     */
    private LinuxResources inForce(PodState pod, ContainerState container, LinuxResources values) {
        CgroupPath path = pod.cgroupOf(container.id());
        LinuxResources result = values;
        if (values.memoryLimitBytes() > 0
                && differs(path, CgroupFile.MEMORY_MAX, PodCgroup.memoryMax(values.memoryLimitBytes()))) {
            result = result.withMemoryLimit(0);
        }
        String weight = Long.toString(CpuUnits.runtimeWeightOf(values.cpuShares()));
        if (values.cpuShares() > 0 && differs(path, CgroupFile.CPU_WEIGHT, weight)) {
            result = result.withCpuShares(0);
        }
        String max = PodCgroup.cpuMax(values.cpuQuotaMicros(), values.cpuPeriodMicros());
        if (!LiftedQuota.isLifted(values) && values.cpuQuotaMicros() > 0 && differs(path, CgroupFile.CPU_MAX, max)) {
            result = result.withCpuQuota(0, 0);
        }
        return result;
    }

    private boolean differs(CgroupPath path, String file, String value) {
        Plan write = Plan.of(new Step.WriteFile(path, file, value, true));
        return files.hasFile(path, file)
                && !new PlanRunner(new DraftCgroups(files)).apply(write).steps().isEmpty();
    }

    /** Drops the notifications that were sent; one of a container that was resized again since stays. */
    private void forget(List<Notification> told) {
        NodeState next = ledger.state();
        for (PodState pod : ledger.state().pods()) {
            ResizeInProgress inProgress = pod.inProgress().orElse(null);
            if (inProgress == null || inProgress.untold().isEmpty()) {
                continue;
            }
            Set<String> left = new HashSet<>(inProgress.untold());
            left.retainAll(pod.containers().stream().map(ContainerState::id).toList());
            for (Notification notification : told) {
                if (notification.uid().equals(pod.uid()) && notification.spec().equals(pod.spec())) {
                    left.remove(notification.container());
                }
            }
            List<String> untold =
                    inProgress.untold().stream().filter(left::contains).toList();
            next = next.with(pod.with(pod.resizing().withInProgress(inProgress.withUntold(untold))));
        }
        changes.saveAnyway(next, "the runtime knows");
    }
}
