package io.podslice.simulator.kernel;

import io.podslice.cgroups.CpuSet;
import org.jspecify.annotations.Nullable;

/** The cpuset controller's state of one cgroup. */
final class Cpuset {

    final Cgroup cgroup;
    final @Nullable Cpuset parent;

    // As written by the user.
    CpuSet cpus = CpuSet.empty();
    CpuSet exclusive = CpuSet.empty();
    CpuSet mems = CpuSet.empty();
    PartitionType type = PartitionType.MEMBER;

    // What follows from it.
    boolean valid;

    @Nullable
    PartitionFault fault;
    /** True for a valid partition whose CPUs come from the root, although its parent is no partition. */
    boolean remote;
    /** True if no sibling may claim its CPUs as well. */
    boolean claiming;

    CpuSet exclusiveEffective = CpuSet.empty();
    CpuSet effective = CpuSet.empty();
    CpuSet memsEffective = CpuSet.empty();

    /** The last texts of the files that change without being written. */
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

    /** Returns the CPUs that the cpuset would have to itself as a partition. */
    CpuSet claim() {
        return exclusive.isEmpty() ? cpus : exclusive;
    }

    boolean isInvalidPartition() {
        return type != PartitionType.MEMBER && !valid;
    }

    /** Returns true for a valid partition that takes its CPUs from its parent, itself a partition. */
    boolean isLocalPartition() {
        return valid && !remote;
    }

    String partitionText() {
        if (type == PartitionType.MEMBER || valid) {
            return type.text;
        }
        return fault == null ? type.text + " invalid" : type.text + " invalid (" + fault.text + ")";
    }

    /** Marks the cgroup as changed if the text of a file differs from that at the last call. */
    void noteWhatFilesShow(CpuSet exclusiveOrIsolated) {
        Shown now = new Shown(effective, memsEffective, exclusiveOrIsolated, partitionText());
        if (!now.equals(shown)) {
            shown = now;
            cgroup.changed = true;
        }
    }
}
