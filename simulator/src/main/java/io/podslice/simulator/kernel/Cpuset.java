package io.podslice.simulator.kernel;

import io.podslice.cgroups.CpuSet;
import org.jspecify.annotations.Nullable;

/** What the cpuset controller keeps for one cgroup. */
final class Cpuset {

    final Cgroup cgroup;
    final @Nullable Cpuset parent;

    // As written by the user.
    CpuSet cpus = CpuSet.empty();
    CpuSet exclusive = CpuSet.empty();
    CpuSet mems = CpuSet.empty();
    PartitionType type = PartitionType.MEMBER;

    // As it turned out.
    boolean valid;

    @Nullable
    PartitionFault fault;
    /** A valid partition whose CPUs come from the root although its parent is no partition. */
    boolean remote;
    /** No sibling may claim its CPUs as well. */
    boolean claiming;

    CpuSet exclusiveEffective = CpuSet.empty();
    CpuSet effective = CpuSet.empty();
    CpuSet memsEffective = CpuSet.empty();

    /** What the files that change by themselves said last. */
    private record Shown(CpuSet effective, CpuSet memsEffective, CpuSet exclusiveEffective, String partition) {}

    private @Nullable Shown shown;

    Cpuset(Cgroup cgroup, @Nullable Cpuset parent) {
        this.cgroup = cgroup;
        this.parent = parent;
    }

    Cpuset parent() {
        if (parent == null) {
            throw new IllegalStateException("the root has no parent");
        }
        return parent;
    }

    boolean isRoot() {
        return parent == null;
    }

    /** The CPUs that it would have to itself as a partition. */
    CpuSet claim() {
        return exclusive.isEmpty() ? cpus : exclusive;
    }

    boolean isInvalidPartition() {
        return type != PartitionType.MEMBER && !valid;
    }

    /** A partition that takes its CPUs from its parent, itself a partition. */
    boolean isLocalPartition() {
        return valid && !remote;
    }

    String partitionText() {
        if (type == PartitionType.MEMBER || valid) {
            return type.text;
        }
        return fault == null ? type.text + " invalid" : type.text + " invalid (" + fault.text + ")";
    }

    /** Marks the cgroup where a file says something else than at the last call. */
    void noteWhatFilesShow(CpuSet exclusiveOrIsolated) {
        Shown now = new Shown(effective, memsEffective, exclusiveOrIsolated, partitionText());
        if (!now.equals(shown)) {
            shown = now;
            cgroup.changed = true;
        }
    }
}
