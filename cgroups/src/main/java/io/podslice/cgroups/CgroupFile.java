package io.podslice.cgroups;

/** Names of interface files of cgroup v2, as Documentation/admin-guide/cgroup-v2.rst of Linux has them. */
public final class CgroupFile {
    /** Controllers that a cgroup may enable for its children. */
    public static final String CONTROLLERS = "cgroup.controllers";

    /** Controllers that a cgroup has enabled for its children. */
    public static final String SUBTREE_CONTROL = "cgroup.subtree_control";

    /** Flags of a cgroup, {@code populated} among them. */
    public static final String EVENTS = "cgroup.events";

    /** CPUs that a cgroup asks for; empty for those of its parent. */
    public static final String CPUSET_CPUS = "cpuset.cpus";

    /** CPUs that the kernel lets a cgroup use. */
    public static final String CPUSET_CPUS_EFFECTIVE = "cpuset.cpus.effective";

    /** CPUs that a cgroup asks for alone. */
    public static final String CPUSET_CPUS_EXCLUSIVE = "cpuset.cpus.exclusive";

    /** CPUs that a cgroup may hand to partitions below it, or has itself as a partition. */
    public static final String CPUSET_CPUS_EXCLUSIVE_EFFECTIVE = "cpuset.cpus.exclusive.effective";

    /** Kind of a cgroup's partition: {@code member}, {@code root} or {@code isolated}. */
    public static final String CPUSET_CPUS_PARTITION = "cpuset.cpus.partition";

    /** NUMA nodes that a cgroup asks for; empty for those of its parent. */
    public static final String CPUSET_MEMS = "cpuset.mems";

    /** CFS quota and period, in microseconds; see {@link CpuMax}. */
    public static final String CPU_MAX = "cpu.max";

    /** CPU time in microseconds, saved up from earlier periods, by which a period may exceed its quota. */
    public static final String CPU_MAX_BURST = "cpu.max.burst";

    /** Relative share of CPU time, 1 to 10000. */
    public static final String CPU_WEIGHT = "cpu.weight";

    /** 1 for a cgroup that runs only where nothing else would; 0 for any other. */
    public static final String CPU_IDLE = "cpu.idle";

    /** Bytes in use. */
    public static final String MEMORY_CURRENT = "memory.current";

    /** Bytes that are never reclaimed. */
    public static final String MEMORY_MIN = "memory.min";

    /** Bytes that are reclaimed only when nothing else can be. */
    public static final String MEMORY_LOW = "memory.low";

    /** Bytes above which the kernel reclaims and throttles. */
    public static final String MEMORY_HIGH = "memory.high";

    /** Limit of bytes, above which the kernel kills. */
    public static final String MEMORY_MAX = "memory.max";

    /** Write-only: bytes that the kernel must reclaim now. */
    public static final String MEMORY_RECLAIM = "memory.reclaim";

    private CgroupFile() {}
}
