package io.podslice.node.resize;

import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.KernelChecks;
import io.podslice.managers.pod.CpuUnits;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.Quantity;
import io.podslice.managers.resize.ContainerAmounts;
import io.podslice.node.Refusal;
import io.podslice.node.RefusedException;
import io.podslice.node.ResizeCondition;
import io.podslice.node.state.Allocation;
import io.podslice.node.state.ContainerState;
import io.podslice.node.state.PodBudget;
import io.podslice.node.state.PodState;

/**
 * Refuses a change of CPU requests in cgroups whose {@code cpu.idle} is 1. The kernel takes no {@code cpu.weight} there
 * (EINVAL), so the request could not be put into force; it can once {@code cpu.idle} is 0.
 */
public final class IdleCgroups {
    private final CgroupFiles files;

    public IdleCgroups(CgroupFiles files) {
        this.files = files;
    }

    /**
     * Checks a pod's new budget. Reads nothing where the pod's weight stays.
     *
     * @throws RefusedException {@code Deferred}, with the cgroup and both requests
     */
    void check(PodState pod, PodBudget budget) throws RefusedException {
        long had = pod.budget().cgroup().cpuShares();
        long wants = budget.cgroup().cpuShares();
        if (CpuUnits.weightOf(had) != CpuUnits.weightOf(wants)) {
            check(pod.cgroup(), CpuUnits.milliOfShares(had), CpuUnits.milliOfShares(wants));
        }
    }

    /**
     * Checks a pod's new allocation: its budget, and the requests of its running containers.
     *
     * @throws RefusedException {@code Deferred}, with the cgroup and both requests
     */
    void check(PodState pod, Allocation allocation) throws RefusedException {
        check(pod, allocation.budget());
        PodSpec desired = allocation.spec().orElse(null);
        for (ContainerState container : pod.containers()) {
            if (desired != null && !container.id().isEmpty()) {
                check(pod, desired, container);
            }
        }
    }

    private void check(PodState pod, PodSpec desired, ContainerState container) throws RefusedException {
        long had = ResizePlan.amounts(pod, container.name()).cpuRequestMillis();
        long wants = desired.container(container.name())
                .map(spec -> ContainerAmounts.of(desired, spec).cpuRequestMillis())
                .orElse(had);
        if (had != wants) {
            check(pod.cgroupOf(container.id()), had, wants);
        }
    }

    private void check(CgroupPath path, long hadMillis, long wantsMillis) throws RefusedException {
        if (KernelChecks.isIdle(files, path)) {
            throw new RefusedException(new Refusal(
                    ResizeCondition.DEFERRED,
                    Refusal.Kind.PRECONDITION,
                    "asked a CPU request of " + Quantity.ofMillis(wantsMillis) + " in place of "
                            + Quantity.ofMillis(hadMillis) + "; cpu.idle of " + path
                            + " is 1, and the kernel takes no cpu.weight there: write 0 to it, or ask for other limits"
                            + " alone"));
        }
    }
}
