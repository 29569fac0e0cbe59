package io.podslice.simulator.kernel;

import io.podslice.cgroups.CpuSet;
import org.jspecify.annotations.Nullable;

/** The conditions on a valid partition: siblings, processes, CPUs isolated at boot. */
final class PartitionRules {
    private final CpusetTree tree;

    PartitionRules(CpusetTree tree) {
        this.tree = tree;
    }

    /** Returns true if a partition that is not isolated would have CPUs isolated at boot. */
    boolean housekeepingConflict(PartitionType type, CpuSet cpus) {
        return type != PartitionType.ISOLATED && cpus.intersects(tree.bootIsolated);
    }

    /** Returns true if the cpuset, with these settings, wants CPUs that a sibling has or wants for itself. */
    boolean conflictsWithSibling(Cpuset cpuset, CpuSet cpus, CpuSet exclusive, boolean claiming) {
        CpuSet claim = exclusive.isEmpty() ? cpus : exclusive;
        for (Cpuset sibling : tree.children(cpuset.parent())) {
            if (sibling == cpuset) {
                continue;
            }
            boolean own = !exclusive.isEmpty();
            boolean other = !sibling.exclusive.isEmpty();
            if (claiming || sibling.claiming || (own && other)) {
                if (claim.intersects(sibling.claim())) {
                    return true;
                }
            } else if (own || other) {
                // One's exclusive CPUs must leave the other, if it names any, some of those that it names.
                CpuSet taken = own ? exclusive : sibling.exclusive;
                CpuSet named = own ? sibling.cpus : cpus;
                if (!named.isEmpty() && taken.containsAll(named)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Returns true if a partition with those CPUs would leave processes of its parent, or its own, without CPUs. */
    boolean leavesProcessesWithoutCpus(Cpuset cpuset, CpuSet cpus) {
        Cpuset parent = cpuset.parent();
        return (cpus.containsAll(parent.effective) && populated(parent, cpuset))
                || (!cpus.intersects(tree.online) && populated(cpuset, null));
    }

    /** Returns true if processes run on the partition's own CPUs, those of the partitions below it left out. */
    boolean populated(Cpuset partition, @Nullable Cpuset excluded) {
        // The kernel's own threads live in the root.
        if (partition.isRoot() || !partition.cgroup.processes.isEmpty()) {
            return true;
        }
        for (Cpuset child : tree.children(partition)) {
            if (child.valid) {
                continue;
            }
            if (child != excluded && child.cgroup.isPopulated()) {
                return true;
            }
            if (populated(child, excluded)) {
                return true;
            }
        }
        return false;
    }
}
