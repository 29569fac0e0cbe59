package io.podslice.node.resize;

import io.podslice.cgroups.CgroupFile;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.Plan;
import io.podslice.cgroups.Step;
import io.podslice.managers.pod.Cfs;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.CpuUnits;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.ResizePolicy;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceName;
import io.podslice.managers.resize.ContainerAmounts;
import io.podslice.managers.resize.ContainerResizes;
import io.podslice.managers.resize.ContainerResizes.Candidate;
import io.podslice.managers.resize.ResizeOrder;
import io.podslice.managers.resize.ResizeStep;
import io.podslice.node.change.PodCgroup;
import io.podslice.node.cpuset.CpusetChange;
import io.podslice.node.state.ContainerState;
import io.podslice.node.state.PodState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A resize as writes, in the order of {@link ResizeOrder}. CPU sets fit in: every cgroup that loses CPUs loses them before
 * any container may use more CPU time, and the others gain theirs once the pod's budget is the desired one. Writes only
 * what the resize changes: the kernel's file may have another value than the record, and then that is the newer one.
 * Pure.
 */
final class ResizePlan {
    private final PodState before;
    private final PodState after;
    private final Cfs cfs;
    private final ContainerResizes containers;
    private final List<Step> steps = new ArrayList<>();

    private ResizePlan(PodState before, PodState after, Cfs cfs) {
        this.before = before;
        this.after = after;
        this.cfs = cfs;
        this.containers = containers(before, after);
    }

    static Plan of(PodState before, PodState after, CpusetChange cpusets, Cfs cfs) {
        ResizePlan plan = new ResizePlan(before, after, cfs);
        plan.order(ResourceName.MEMORY).forEach(plan::add);
        plan.steps.addAll(cpusets.shrinks().steps());
        boolean widened = false;
        for (ResizeStep step : plan.order(ResourceName.CPU)) {
            boolean grows = step instanceof ResizeStep.Container container
                    && plan.containers.cpuUp().contains(container.name());
            if (grows && !widened) {
                plan.steps.addAll(cpusets.widens().steps());
                widened = true;
            }
            plan.add(step);
        }
        if (!widened) {
            plan.steps.addAll(cpusets.widens().steps());
        }
        return new Plan(plan.steps);
    }

    /** Returns the names of the running containers that would have to be restarted. */
    static List<String> restarts(PodState pod, PodSpec desired) {
        return containers(pod, pod.resized(pod.allocation().withSpec(Optional.of(desired)), pod.resizing()))
                .restarts();
    }

    private List<ResizeStep> order(ResourceName resource) {
        return ResizeOrder.of(
                new ResizeOrder.PodCgroup(before.budget().cgroup(), new TreeMap<>()),
                new ResizeOrder.PodCgroup(after.budget().cgroup(), new TreeMap<>()),
                containers,
                resource);
    }

    /** Returns the containers that change. For those that no spec names only inherited limits are known. */
    private static ContainerResizes containers(PodState before, PodState after) {
        List<Candidate> candidates = new ArrayList<>();
        PodSpec from = before.spec().orElse(null);
        PodSpec to = after.spec().orElse(null);
        if (from != null && to != null) {
            for (ContainerSpec container : from.containers()) {
                ContainerSpec desired = to.container(container.name()).orElse(null);
                if (desired != null && runs(after, container.name())) {
                    candidates.add(new Candidate(
                            container.name(),
                            container.resizePolicy(),
                            ContainerAmounts.of(from, container),
                            ContainerAmounts.of(to, desired)));
                }
            }
        } else {
            for (String name : after.running()) {
                candidates.add(new Candidate(
                        name, ResizePolicy.NOT_REQUIRED, inherited(before, name), inherited(after, name)));
            }
        }
        return ContainerResizes.of(candidates);
    }

    private static boolean runs(PodState pod, String name) {
        for (ContainerState container : pod.containers()) {
            if (container.name().equals(name) && !container.id().isEmpty()) {
                return true;
            }
        }
        return false;
    }

    private static ContainerAmounts inherited(PodState pod, String name) {
        ResourceList limits = pod.budget().limits();
        for (ContainerState container : pod.containers()) {
            if (container.name().equals(name)) {
                return new ContainerAmounts(
                        0,
                        container.inheritsCpu() ? limits.cpuMillis() : 0,
                        0,
                        container.inheritsMemory() ? limits.memoryBytes() : 0);
            }
        }
        return new ContainerAmounts(0, 0, 0, 0);
    }

    private void add(ResizeStep step) {
        switch (step) {
            case ResizeStep.PodLimit(ResourceName resource) -> podLimit(resource);
            case ResizeStep.PodRequest(ResourceName resource) -> podRequest(resource);
            case ResizeStep.Container(ResourceName resource, String name) -> container(resource, name);
        }
    }

    private void podLimit(ResourceName resource) {
        if (resource.equals(ResourceName.CPU)) {
            write(
                    after.cgroup(),
                    CgroupFile.CPU_MAX,
                    PodCgroup.cpuMax(after.budget().cgroup()),
                    false);
        } else {
            String value = PodCgroup.memoryMax(after.budget().cgroup());
            write(after.cgroup(), CgroupFile.MEMORY_MAX, value, false);
        }
    }

    private void podRequest(ResourceName resource) {
        if (resource.equals(ResourceName.CPU)) {
            write(
                    after.cgroup(),
                    CgroupFile.CPU_WEIGHT,
                    PodCgroup.weight(after.budget().cgroup()),
                    false);
        }
    }

    private void container(ResourceName resource, String name) {
        ContainerAmounts amounts = amounts(after, name);
        for (ContainerState container : after.containers()) {
            if (container.name().equals(name) && !container.id().isEmpty()) {
                CgroupPath path = after.cgroupOf(container.id());
                if (resource.equals(ResourceName.CPU)) {
                    cpu(path, name, amounts);
                } else if (amounts.memoryLimitBytes() > 0
                        && amounts.memoryLimitBytes() != amounts(before, name).memoryLimitBytes()) {
                    write(path, CgroupFile.MEMORY_MAX, PodCgroup.memoryMax(amounts.memoryLimitBytes()), true);
                }
            }
        }
    }

    private void cpu(CgroupPath path, String name, ContainerAmounts amounts) {
        boolean pinned = after.cpusOf(name).isolation().liftsQuota();
        boolean samePeriod = after.budget().cgroup().cpuPeriodMicros()
                == before.budget().cgroup().cpuPeriodMicros();
        boolean sameLimit =
                samePeriod && amounts.cpuLimitMillis() == amounts(before, name).cpuLimitMillis();
        if (!pinned && !sameLimit && amounts.cpuLimitMillis() > 0) {
            long ofPod = after.budget().cgroup().cpuPeriodMicros();
            long period = ofPod > 0 ? ofPod : cfs.periodMicros();
            long quota = CpuUnits.quotaOf(amounts.cpuLimitMillis(), period);
            write(path, CgroupFile.CPU_MAX, PodCgroup.cpuMax(quota, period), true);
        }
        if (amounts.cpuRequestMillis() != amounts(before, name).cpuRequestMillis()) {
            long shares = CpuUnits.sharesOf(amounts.cpuRequestMillis());
            write(path, CgroupFile.CPU_WEIGHT, Long.toString(CpuUnits.runtimeWeightOf(shares)), true);
        }
    }

    /** Returns a container's allocated amounts, as far as they are known. */
    static ContainerAmounts amounts(PodState pod, String name) {
        return pod.spec()
                .flatMap(spec -> spec.container(name).map(container -> ContainerAmounts.of(spec, container)))
                .orElseGet(() -> inherited(pod, name));
    }

    private void write(CgroupPath path, String file, String value, boolean mayBeGone) {
        steps.add(new Step.WriteFile(path, file, value, mayBeGone));
    }
}
