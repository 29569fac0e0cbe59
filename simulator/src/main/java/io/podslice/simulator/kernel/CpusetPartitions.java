package io.podslice.simulator.kernel;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.Errno;
import org.jspecify.annotations.Nullable;

/**
 * The rules by which partitions become valid and invalid, in Linux 6.12. A partition below a partition is local: its
 * CPUs come from its parent. One below a member is remote: its CPUs come from the root, if every cgroup between lists
 * them in cpuset.cpus.exclusive.
 */
final class CpusetPartitions {
    private final CpusetTree tree;
    private final PartitionRules rules;
    private final PartitionTransitions transitions;

    CpusetPartitions(CpusetTree tree) {
        this.tree = tree;
        this.rules = new PartitionRules(tree);
        this.transitions = new PartitionTransitions(tree, rules);
    }

    /**
     * Handles a write to cpuset.cpus. It always succeeds; a partition that it makes impossible, its own or a sibling's,
     * becomes invalid.
     */
    void setCpus(Cpuset cpuset, CpuSet cpus) {
        if (cpus.equals(cpuset.cpus)) {
            return;
        }
        CpuSet claim = cpuset.exclusive.isEmpty() ? cpus : cpuset.exclusive;
        CpuSet gets = cpuset.exclusiveEffective;
        if (!cpus.isEmpty() && (!cpuset.exclusive.isEmpty() || cpuset.valid)) {
            gets = claim.intersection(cpuset.parent().exclusiveEffective);
        } else if (cpus.isEmpty() && cpuset.exclusive.isEmpty()) {
            gets = CpuSet.empty();
        }
        boolean wasValid = cpuset.valid;
        boolean invalidate = cpuset.type != PartitionType.MEMBER && hasFault(cpuset, gets, wasValid);
        if (cpus.isEmpty() && !cpuset.cpus.isEmpty() && cpuset.cgroup.isPopulated()) {
            throw new KernelError(Errno.ENOSPC);
        }
        if (rules.conflictsWithSibling(cpuset, cpus, cpuset.exclusive, cpuset.claiming)) {
            invalidate = true;
            for (Cpuset sibling : tree.children(cpuset.parent())) {
                if (sibling.valid && claim.intersects(sibling.exclusiveEffective)) {
                    transitions.invalidateLocal(sibling);
                }
            }
        }
        if (cpuset.valid || (cpuset.isInvalidPartition() && !invalidate)) {
            CpuSet wanted = gets.isEmpty() && cpuset.isInvalidPartition() ? cpus : gets;
            if (cpuset.remote) {
                updateRemote(cpuset, wanted);
            } else if (invalidate) {
                transitions.invalidateLocal(cpuset);
            } else {
                updateLocal(cpuset, wanted);
            }
        } else if (!cpuset.exclusive.isEmpty()) {
            releaseFromRemotePartitions(cpuset, gets);
        }
        cpuset.cpus = cpus;
        cpuset.exclusiveEffective = gets;
        if (wasValid && !cpuset.valid) {
            PartitionTransitions.reset(cpuset);
        }
        tree.refresh();
        transitions.followBelow(cpuset);
    }

    /** Handles a write to cpuset.cpus.exclusive; refuses it if it overlaps a sibling's. */
    void setExclusive(Cpuset cpuset, CpuSet exclusive) {
        if (exclusive.equals(cpuset.exclusive)) {
            return;
        }
        CpuSet had = cpuset.exclusiveEffective;
        CpuSet gets = exclusive.intersection(cpuset.parent().exclusiveEffective);
        if (rules.conflictsWithSibling(cpuset, cpuset.cpus, exclusive, cpuset.claiming)) {
            throw new KernelError(Errno.EINVAL);
        }
        boolean wasValid = cpuset.valid;
        if (cpuset.type != PartitionType.MEMBER) {
            boolean invalidate = hasFault(cpuset, gets, true);
            if (cpuset.remote && invalidate) {
                transitions.disableRemote(cpuset);
            } else if (cpuset.remote) {
                updateRemote(cpuset, gets);
            } else if (invalidate) {
                transitions.invalidateLocal(cpuset);
            } else {
                updateLocal(cpuset, gets);
            }
        } else if (!exclusive.isEmpty()) {
            releaseFromRemotePartitions(cpuset, gets);
        }
        cpuset.exclusive = exclusive;
        cpuset.exclusiveEffective = gets;
        if (wasValid && !cpuset.valid) {
            PartitionTransitions.reset(cpuset);
        }
        tree.refresh();
        if (cpuset.valid || !had.equals(gets)) {
            transitions.followBelow(cpuset);
        }
    }

    /** Handles a write to cpuset.cpus.partition; it always succeeds, but the partition may be an invalid one. */
    void setType(Cpuset cpuset, PartitionType type) {
        if (type == cpuset.type && !cpuset.isInvalidPartition()) {
            return;
        }
        PartitionType old = cpuset.valid ? cpuset.type : PartitionType.MEMBER;
        PartitionFault fault = null;
        if (type == PartitionType.MEMBER) {
            cpuset.claiming = false;
        } else {
            if (cpuset.exclusive.isEmpty()) {
                cpuset.exclusiveEffective = cpuset.cpus.intersection(cpuset.parent().exclusiveEffective);
            }
            if (!cpuset.claiming && rules.conflictsWithSibling(cpuset, cpuset.cpus, cpuset.exclusive, true)) {
                fault = PartitionFault.NOT_EXCLUSIVE;
            } else {
                cpuset.claiming = true;
                if (old == PartitionType.MEMBER) {
                    fault = enable(cpuset);
                }
            }
        }
        if (fault != null || type == PartitionType.MEMBER) {
            cpuset.claiming = false;
            cpuset.remote = false;
        }
        cpuset.type = type;
        cpuset.fault = fault;
        cpuset.valid = type != PartitionType.MEMBER && fault == null;
        if (!cpuset.valid) {
            PartitionTransitions.reset(cpuset);
        }
        tree.refresh();
        transitions.followBelow(cpuset);
    }

    /** Returns the reason why a member cannot become a partition; null if it can. */
    private @Nullable PartitionFault enable(Cpuset cpuset) {
        Cpuset parent = cpuset.parent();
        CpuSet claim = cpuset.claim();
        if (claim.isEmpty()) {
            return PartitionFault.NO_CPUS_ASKED;
        }
        if (parent.isRoot() && cpuset.exclusive.intersects(tree.handedOut())) {
            return PartitionFault.REMOTE_BELOW;
        }
        if (!parent.valid) {
            CpuSet gets = claim.intersection(parent.exclusiveEffective);
            boolean impossible =
                    gets.isEmpty() || gets.intersects(tree.handedOut()) || gets.containsAll(tree.root().effective);
            cpuset.remote = !impossible;
            return impossible ? PartitionFault.CPU_LIST : null;
        }
        if (!claim.intersects(parent.exclusiveEffective)) {
            return PartitionFault.CPU_LIST;
        }
        if (rules.housekeepingConflict(cpuset.valid ? cpuset.type : PartitionType.MEMBER, claim)) {
            return PartitionFault.HOUSEKEEPING;
        }
        return rules.leavesProcessesWithoutCpus(cpuset, claim) ? PartitionFault.NO_CPUS_LEFT : null;
    }

    /** Returns true if a partition cannot be valid with these CPUs, and notes the reason. */
    private boolean hasFault(Cpuset cpuset, CpuSet gets, boolean needsCpus) {
        PartitionFault fault = null;
        if (needsCpus && gets.isEmpty()) {
            fault = PartitionFault.CPU_LIST;
        } else if (rules.housekeepingConflict(cpuset.type, gets)) {
            fault = PartitionFault.HOUSEKEEPING;
        } else if (rules.leavesProcessesWithoutCpus(cpuset, gets)) {
            fault = PartitionFault.NO_CPUS_LEFT;
        }
        if (fault != null) {
            cpuset.fault = fault;
        }
        return fault != null;
    }

    /** Gives a local partition these CPUs, or makes it invalid. */
    private void updateLocal(Cpuset cpuset, CpuSet gets) {
        Cpuset parent = cpuset.parent();
        if (!parent.valid) {
            return;
        }
        CpuSet claim = cpuset.claim();
        PartitionFault fault = null;
        if (gets.isEmpty()) {
            fault = PartitionFault.NO_CPUS_ASKED;
        } else if (rules.leavesProcessesWithoutCpus(cpuset, claim) || rules.leavesProcessesWithoutCpus(cpuset, gets)) {
            CpuSet givenBack =
                    cpuset.valid ? claim.minus(gets).intersection(parent.exclusiveEffective) : CpuSet.empty();
            fault = givenBack.intersects(tree.online) ? null : PartitionFault.NO_CPUS_LEFT;
        }
        transitions.become(cpuset, fault);
        tree.refresh();
        transitions.followSiblings(cpuset);
    }

    private void updateRemote(Cpuset cpuset, CpuSet gets) {
        CpuSet added = gets.minus(cpuset.exclusiveEffective);
        if (gets.isEmpty()) {
            cpuset.fault = PartitionFault.NO_CPUS_ASKED;
            transitions.disableRemote(cpuset);
        } else if (!added.isEmpty()
                && (added.intersects(tree.handedOut()) || added.containsAll(tree.root().effective))) {
            cpuset.fault = PartitionFault.NO_CPUS_LEFT;
            transitions.disableRemote(cpuset);
        } else {
            cpuset.exclusiveEffective = gets;
        }
    }

    /** Disables the remote partitions below a cgroup that takes back exclusive CPUs which they have. */
    private void releaseFromRemotePartitions(Cpuset cpuset, CpuSet gets) {
        CpuSet taken = cpuset.exclusiveEffective.minus(gets);
        if (taken.intersects(tree.handedOut())) {
            for (Cpuset partition : tree.remotePartitions()) {
                if (partition.effective.intersects(taken)) {
                    // Linux before about 6.12.117 made the partition a member again without giving a reason.
                    partition.fault = PartitionFault.PARENT_MEMBER;
                    transitions.disableRemote(partition);
                }
            }
        }
    }
}
