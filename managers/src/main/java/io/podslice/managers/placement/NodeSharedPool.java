package io.podslice.managers.placement;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Machine;
import java.util.Collection;

/**
 * The CPUs that are no pod's own.
 *
 * @param cpus where pods without CPUs of their own run; never empty
 * @param grantable those of them that a pod may be given for itself
 */
public record NodeSharedPool(CpuSet cpus, CpuSet grantable) {

    /** What is left when these pods have theirs. CPUs that are offline or isolated at boot are in no pool. */
    public static NodeSharedPool of(Machine machine, PlacementPolicy policy, Collection<PodPlacement> pods) {
        CpuSet left = machine.cpuSet().minus(machine.isolated());
        for (PodPlacement pod : pods) {
            left = left.minus(pod.cpus());
        }
        CpuSet grantable = left.minus(policy.reservedSystemCpus());
        return new NodeSharedPool(
                policy.has(CpuManagerPolicyOption.STRICT_CPU_RESERVATION) ? grantable : left, grantable);
    }

    /** How many CPUs can be given away; one stays where the pool would be empty without it. */
    public int grantableCount() {
        return cpus.equals(grantable) ? Math.max(0, cpus.size() - 1) : grantable.size();
    }
}
