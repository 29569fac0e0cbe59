package io.podslice.cgroups;

import java.util.Optional;

/**
 * The CPUs that the kernel lets a cgroup and all below it use: {@code cpuset.cpus.effective}, which is within that of
 * every cgroup above, without the CPUs of partitions.
 *
 * @param cgroup the cgroup whose file says so: the one asked for, or the nearest above it that has the file
 * @param cpus not empty
 * @param inPartitions CPUs that only partitions in or below the cgroup use, none of {@code cpus}: a container whose
 *     cgroup an administrator has made a partition keeps its CPUs, and all other cgroups lose them
 */
public record AllowedCpus(CgroupPath cgroup, CpuSet cpus, CpuSet inPartitions) {

    /**
     * Reads the CPUs of a cgroup. Empty where no cgroup from it up to the root has the file, so that nothing restricts
     * it, or where it names no CPU.
     *
     * @throws CgroupException if a file exists and cannot be read
     */
    public static Optional<AllowedCpus> read(CgroupFiles files, CgroupPath path) {
        for (CgroupPath at = path; at != null; at = at.parent().orElse(null)) {
            try {
                if (files.hasFile(at, CgroupFile.CPUSET_CPUS_EFFECTIVE)) {
                    CpuSet cpus = CpuSet.parse(files.read(at, CgroupFile.CPUSET_CPUS_EFFECTIVE));
                    return cpus.isEmpty()
                            ? Optional.empty()
                            : Optional.of(new AllowedCpus(
                                    at, cpus, exclusive(files, at).minus(cpus)));
                }
            } catch (CgroupException e) {
                if (e.errno() != Errno.ENOENT && e.errno() != Errno.ENODEV) {
                    throw e;
                }
                // The cgroup has just gone: the one above it says what its successor may use.
            }
        }
        return Optional.empty();
    }

    /**
     * Tells if the cgroup says what it said before: one read of one file. Where partitions were found or may have gone,
     * the answer is false.
     *
     * @throws CgroupException if the file exists and cannot be read
     */
    public boolean isUnchanged(CgroupFiles files) {
        if (!inPartitions.isEmpty()) {
            return false;
        }
        try {
            // A new partition takes its CPUs out of this file.
            return CpuSet.parse(files.read(cgroup, CgroupFile.CPUSET_CPUS_EFFECTIVE))
                    .equals(cpus);
        } catch (CgroupException e) {
            if (e.errno() != Errno.ENOENT && e.errno() != Errno.ENODEV) {
                throw e;
            }
            return false;
        }
    }

    /** Reads the CPUs of partitions; none before Linux 6.8, which has no such file, nor at the root. */
    private static CpuSet exclusive(CgroupFiles files, CgroupPath path) {
        return files.hasFile(path, CgroupFile.CPUSET_CPUS_EXCLUSIVE_EFFECTIVE)
                ? CpuSet.parse(files.read(path, CgroupFile.CPUSET_CPUS_EXCLUSIVE_EFFECTIVE))
                : CpuSet.empty();
    }

    /** Returns all CPUs of the cgroup and those below it, in partitions or not. */
    public CpuSet all() {
        return cpus.union(inPartitions);
    }
}
