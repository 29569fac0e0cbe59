package io.podslice.node.cpuset;

import io.podslice.cgroups.CpuSet;

/**
 * A cgroup's files of partitions.
 *
 * @param list {@code cpuset.cpus.exclusive}
 * @param partition the text of {@code cpuset.cpus.partition}, such as {@code member} or {@code root invalid (...)}
 */
record PartitionFiles(CpuSet list, String partition) {
    /** The files of a new cgroup. */
    static final PartitionFiles NONE = new PartitionFiles(CpuSet.empty(), "member");

    boolean isMember() {
        return partition.equals("member");
    }

    /** Tells if the kernel keeps the CPUs for this cgroup; it says so of a valid partition alone. */
    boolean isValidPartition() {
        return !isMember() && !partition.contains(" invalid");
    }
}
