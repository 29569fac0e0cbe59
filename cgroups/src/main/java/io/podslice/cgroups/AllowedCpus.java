package io.podslice.cgroups;

import java.util.Optional;

/**
 * The CPUs that the kernel lets a cgroup and all below it use: {@code cpuset.cpus.effective}, which is within that of
 * every cgroup above, without the CPUs of partitions beside them.
 *
 * @param cgroup the cgroup whose file says so: the one asked for, or the nearest above it that has the file
 * @param cpus not empty
 */
public record AllowedCpus(CgroupPath cgroup, CpuSet cpus) {

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
                    return cpus.isEmpty() ? Optional.empty() : Optional.of(new AllowedCpus(at, cpus));
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
}
