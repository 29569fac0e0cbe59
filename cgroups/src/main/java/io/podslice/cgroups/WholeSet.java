package io.podslice.cgroups;

/** The list of all CPUs, or all memory nodes, that restricts a cgroup as little as an empty list does. */
public final class WholeSet {
    private WholeSet() {}

    /** Returns the list for a cgroup's {@code cpuset.cpus} or {@code cpuset.mems}. */
    static String of(CgroupFiles files, CgroupPath path, String file) {
        return file.equals(CgroupFile.CPUSET_CPUS)
                ? cpus(files, path).toString()
                : files.read(CgroupPath.ROOT, file + ".effective");
    }

    /**
     * Returns the CPUs of the root, and those of all remote partitions: the root lacks them for as long as the partitions
     * last, and a cgroup keeps the list that is written to it. Those of partitions beside the cgroup are left out, since
     * the kernel would end a partition beside which another cgroup names its CPUs.
     *
     * @throws CgroupException if a file exists and cannot be read
     */
    public static CpuSet cpus(CgroupFiles files, CgroupPath path) {
        CpuSet root = CpuSet.parse(files.read(CgroupPath.ROOT, CgroupFile.CPUSET_CPUS_EFFECTIVE));
        CpuSet whole = root;
        for (String top : files.children(CgroupPath.ROOT)) {
            whole = whole.union(handedOut(files, CgroupPath.ROOT.child(top)));
        }
        return whole.equals(root) ? root : whole.minus(beside(files, path));
    }

    private static CpuSet handedOut(CgroupFiles files, CgroupPath path) {
        return files.hasFile(path, CgroupFile.CPUSET_CPUS_EXCLUSIVE_EFFECTIVE)
                ? CpuSet.parse(files.read(path, CgroupFile.CPUSET_CPUS_EXCLUSIVE_EFFECTIVE))
                : CpuSet.empty();
    }

    private static CpuSet beside(CgroupFiles files, CgroupPath path) {
        CpuSet cpus = CpuSet.empty();
        CgroupPath parent = path.parent().orElse(CgroupPath.ROOT);
        for (String name : files.children(parent)) {
            CgroupPath other = parent.child(name);
            if (!other.equals(path)
                    && files.hasFile(other, CgroupFile.CPUSET_CPUS_PARTITION)
                    && !files.read(other, CgroupFile.CPUSET_CPUS_PARTITION)
                            .strip()
                            .equals("member")) {
                cpus = cpus.union(handedOut(files, other));
            }
        }
        return cpus;
    }
}
