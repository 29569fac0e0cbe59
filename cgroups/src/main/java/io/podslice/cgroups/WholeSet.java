package io.podslice.cgroups;

/** The list of all CPUs, or all memory nodes, that restricts a cgroup as little as an empty list does. */
final class WholeSet {
    private WholeSet() {}

    /**
     * Returns the root's effective set, and for CPUs those of the partitions below the topmost cgroup above the path too:
     * the root lacks them for as long as the partitions last, and a cgroup keeps the list that is written to it.
     *
     * @param file {@code cpuset.cpus} or {@code cpuset.mems}
     */
    static String of(CgroupFiles files, CgroupPath path, String file) {
        String whole = files.read(CgroupPath.ROOT, file + ".effective");
        CgroupPath top = path;
        for (CgroupPath at = path; !at.equals(CgroupPath.ROOT); at = at.parent().orElse(CgroupPath.ROOT)) {
            top = at;
        }
        if (!file.equals(CgroupFile.CPUSET_CPUS) || !files.hasFile(top, CgroupFile.CPUSET_CPUS_EXCLUSIVE_EFFECTIVE)) {
            return whole;
        }
        String handedOut = files.read(top, CgroupFile.CPUSET_CPUS_EXCLUSIVE_EFFECTIVE);
        return CpuSet.parse(whole).union(CpuSet.parse(handedOut)).toString();
    }
}
