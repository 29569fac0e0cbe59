package io.podslice.node;

import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.Plan;
import io.podslice.cgroups.Step;
import io.podslice.managers.pod.CpuUnits;
import io.podslice.managers.pod.PodCgroupValues;
import io.podslice.node.pool.CpusetChange;
import io.podslice.node.state.ContainerState;
import io.podslice.node.state.PodState;
import java.util.ArrayList;
import java.util.List;

/**
 * The order in which a resize is written (KEP-5419): memory first, then CPU; the pod's cgroup up before its containers
 * go up, and down after they have gone down. CPU sets fit in: others give before the pod takes, and take after the pod
 * has given. Pure.
 */
final class ResizePlan {
    private final PodState before;
    private final PodState after;
    private final CpusetChange cpusets;
    private final List<Step> steps = new ArrayList<>();

    private ResizePlan(PodState before, PodState after, CpusetChange cpusets) {
        this.before = before;
        this.after = after;
        this.cpusets = cpusets;
    }

    static Plan of(PodState before, PodState after, CpusetChange cpusets) {
        ResizePlan plan = new ResizePlan(before, after, cpusets);
        plan.memory();
        plan.cpu();
        return new Plan(plan.steps);
    }

    private void memory() {
        long from = unlimited(before.budget().cgroup().memoryMaxBytes());
        long to = unlimited(after.budget().cgroup().memoryMaxBytes());
        if (to > from) {
            podMemory();
            containersMemory();
        } else if (to < from) {
            containersMemory();
            podMemory();
        }
    }

    private void cpu() {
        PodCgroupValues from = before.budget().cgroup();
        PodCgroupValues to = after.budget().cgroup();
        int direction = direction(from, to);
        if (direction < 0) {
            containersQuota();
        }
        steps.addAll(cpusets.shrinks().steps());
        if (direction > 0) {
            write(after.cgroup(), PodCgroup.CPU_MAX, PodCgroup.cpuMax(to), false);
        }
        if (to.cpuShares() != from.cpuShares()) {
            write(after.cgroup(), PodCgroup.CPU_WEIGHT, PodCgroup.weight(to), false);
        }
        if (direction < 0) {
            write(after.cgroup(), PodCgroup.CPU_MAX, PodCgroup.cpuMax(to), false);
        }
        steps.addAll(cpusets.widens().steps());
        if (direction > 0) {
            containersQuota();
        }
    }

    /** Whether the pod may use more CPU time than before, or less. */
    private static int direction(PodCgroupValues from, PodCgroupValues to) {
        long fromMilli = CpuUnits.milliOfQuota(from.cpuQuotaMicros(), from.cpuPeriodMicros());
        long toMilli = CpuUnits.milliOfQuota(to.cpuQuotaMicros(), to.cpuPeriodMicros());
        return Long.compare(unlimited(toMilli), unlimited(fromMilli));
    }

    private static long unlimited(long value) {
        return value == 0 ? Long.MAX_VALUE : value;
    }

    private void podMemory() {
        String value = PodCgroup.memoryMax(after.budget().cgroup());
        write(after.cgroup(), PodCgroup.MEMORY_MAX, value, false);
    }

    private void containersMemory() {
        long bytes = after.budget().limits().memoryBytes();
        for (ContainerState container : after.containers()) {
            if (container.inheritsMemory() && !container.id().isEmpty()) {
                write(after.cgroup().child(container.id()), PodCgroup.MEMORY_MAX, PodCgroup.memoryMax(bytes), true);
            }
        }
    }

    private void containersQuota() {
        PodCgroupValues values = after.budget().cgroup();
        long period = values.cpuPeriodMicros();
        long quota = CpuUnits.quotaOf(after.budget().limits().cpuMillis(), period);
        for (ContainerState container : after.containers()) {
            boolean pinned = after.cpusOf(container.name()).isolation().liftsQuota();
            if (container.inheritsCpu() && !pinned && !container.id().isEmpty()) {
                write(after.cgroup().child(container.id()), PodCgroup.CPU_MAX, PodCgroup.cpuMax(quota, period), true);
            }
        }
    }

    private void write(CgroupPath path, String file, String value, boolean mayBeGone) {
        steps.add(new Step.WriteFile(path, file, value, mayBeGone));
    }
}
