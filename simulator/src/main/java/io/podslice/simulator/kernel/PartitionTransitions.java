package io.podslice.simulator.kernel;

import io.podslice.cgroups.CpuSet;
import org.jspecify.annotations.Nullable;

/** Makes partitions valid and invalid, and updates the cpusets beside and below them. */
final class PartitionTransitions {
    private final CpusetTree tree;
    private final PartitionRules rules;

    PartitionTransitions(CpusetTree tree, PartitionRules rules) {
        this.tree = tree;
        this.rules = rules;
    }

    /** Makes a partition valid, or invalid for the given reason. */
    void become(Cpuset cpuset, @Nullable PartitionFault fault) {
        if (fault != null) {
            cpuset.fault = fault;
        }
        boolean wasValid = cpuset.valid;
        cpuset.valid = fault == null;
        if (wasValid != cpuset.valid) {
            cpuset.claiming = cpuset.valid
                    && (cpuset.claiming || !rules.conflictsWithSibling(cpuset, cpuset.cpus, cpuset.exclusive, true));
        }
        if (cpuset.valid) {
            cpuset.fault = null;
        }
    }

    /** Makes a local partition invalid; the caller has noted the reason, if any. */
    void invalidateLocal(Cpuset cpuset) {
        if (cpuset.valid) {
            cpuset.valid = false;
            cpuset.remote = false;
            cpuset.claiming = false;
            tree.refresh();
            followSiblings(cpuset);
        }
    }

    /** Makes a remote partition invalid; the caller has noted the reason. */
    void disableRemote(Cpuset cpuset) {
        cpuset.remote = false;
        cpuset.valid = false;
        reset(cpuset);
        tree.refresh();
    }

    /** Clears the CPUs that a cpuset had as a valid partition, unless cpuset.cpus.exclusive names some. */
    static void reset(Cpuset cpuset) {
        if (cpuset.exclusive.isEmpty()) {
            cpuset.exclusiveEffective = CpuSet.empty();
            cpuset.claiming = false;
        }
    }

    /** Updates the partitions below the siblings, whose CPUs may have changed. */
    void followSiblings(Cpuset cpuset) {
        for (Cpuset sibling : tree.children(cpuset.parent())) {
            if (sibling != cpuset) {
                followBelow(sibling);
            }
        }
    }

    /** Updates the partitions below a cpuset after it has changed. */
    void followBelow(Cpuset top) {
        if (top.valid && top.exclusive.isEmpty()) {
            top.exclusiveEffective = top.cpus.intersection(top.parent().exclusiveEffective);
            tree.refresh();
        } else if (top.isInvalidPartition()) {
            reset(top);
        }
        if (top.valid) {
            invalidateOverdrawn(top);
        }
        for (Cpuset child : tree.children(top)) {
            if (child.remote) {
                continue;
            }
            if (!child.exclusive.isEmpty()) {
                child.exclusiveEffective = child.exclusive.intersection(top.exclusiveEffective);
            }
            if (child.type != PartitionType.MEMBER) {
                if (top.valid) {
                    revalidate(child);
                } else {
                    child.fault =
                            top.isInvalidPartition() ? PartitionFault.PARENT_INVALID : PartitionFault.PARENT_MEMBER;
                    child.valid = false;
                }
                if (child.valid && child.exclusive.isEmpty()) {
                    child.exclusiveEffective = child.cpus.intersection(top.exclusiveEffective);
                } else if (!child.valid) {
                    reset(child);
                }
                tree.refresh();
            }
            followBelow(child);
        }
    }

    /** Makes partitions below invalid that have CPUs which this one lacks, or all that its processes need. */
    private void invalidateOverdrawn(Cpuset partition) {
        boolean populated = rules.populated(partition, null);
        CpuSet left = partition.exclusiveEffective.intersection(tree.online);
        for (Cpuset child : tree.children(partition)) {
            if (!child.isLocalPartition()) {
                continue;
            }
            child.fault = null;
            if (!partition.exclusiveEffective.containsAll(child.exclusiveEffective)) {
                child.fault = PartitionFault.CPU_LIST;
            } else if (populated && child.exclusiveEffective.containsAll(left)) {
                child.fault = PartitionFault.NO_CPUS_LEFT;
            }
            if (child.fault != null) {
                child.valid = false;
            } else {
                left = left.minus(child.exclusiveEffective);
            }
        }
        tree.refresh();
    }

    /** Checks anew a partition, valid or not, whose parent is a valid one that has changed. */
    private void revalidate(Cpuset cpuset) {
        CpuSet claim = cpuset.claim();
        if (claim.isEmpty()) {
            return;
        }
        PartitionFault fault = null;
        if (rules.leavesProcessesWithoutCpus(cpuset, claim)) {
            fault = PartitionFault.NO_CPUS_LEFT;
        } else if (!cpuset.valid && cpuset.parent().exclusiveEffective.containsAll(claim)) {
            for (Cpuset sibling : tree.children(cpuset.parent())) {
                if (sibling != cpuset && sibling.claim().intersects(claim)) {
                    fault = PartitionFault.NOT_EXCLUSIVE;
                }
            }
        }
        become(cpuset, fault);
    }
}
