package io.podslice.managers.pod;

import java.util.Map;

/**
 * Resources as CRI and NRI carry them. Zero or empty means "not set", which in an update means "unchanged".
 *
 * @param cpu CPU time
 * @param memory limits of memory
 * @param cpuset CPUs and NUMA nodes
 * @param oomScoreAdj -1000 to 1000
 * @param hugepageLimits bytes by page size as CRI names it ({@code 2MB}, {@code 1GB})
 * @param unified values by cgroup v2 file name
 */
public record LinuxResources(
        Cpu cpu,
        Memory memory,
        Cpuset cpuset,
        long oomScoreAdj,
        Map<String, Long> hugepageLimits,
        Map<String, String> unified) {

    /**
     * CPU time.
     *
     * @param periodMicros CFS period in microseconds
     * @param quotaMicros CFS quota in microseconds in each period; -1 lifts it
     * @param shares relative weight, 2 to 262144; 1024 is one CPU
     */
    public record Cpu(long periodMicros, long quotaMicros, long shares) {}

    /**
     * Limits of memory.
     *
     * @param limitBytes memory limit in bytes
     * @param swapLimitBytes limit of memory and swap together, in bytes
     */
    public record Memory(long limitBytes, long swapLimitBytes) {}

    /**
     * CPUs and NUMA nodes that processes are kept to, each in the kernel's list format.
     *
     * @param cpus CPUs
     * @param mems NUMA nodes
     */
    public record Cpuset(String cpus, String mems) {}

    /** Resources with no value set. */
    public static final LinuxResources NONE =
            new LinuxResources(new Cpu(0, 0, 0), new Memory(0, 0), new Cpuset("", ""), 0, Map.of(), Map.of());

    public LinuxResources {
        hugepageLimits = Map.copyOf(hugepageLimits);
        unified = Map.copyOf(unified);
    }

    /** Returns the CFS period in microseconds. */
    public long cpuPeriodMicros() {
        return cpu.periodMicros();
    }

    /** Returns the CFS quota in microseconds in each period; -1 lifts it. */
    public long cpuQuotaMicros() {
        return cpu.quotaMicros();
    }

    /** Returns the relative weight, 2 to 262144. */
    public long cpuShares() {
        return cpu.shares();
    }

    /** Returns the memory limit in bytes. */
    public long memoryLimitBytes() {
        return memory.limitBytes();
    }

    /** Returns the limit of memory and swap together, in bytes. */
    public long memorySwapLimitBytes() {
        return memory.swapLimitBytes();
    }

    /** Returns the CPUs in the kernel's list format. */
    public String cpusetCpus() {
        return cpuset.cpus();
    }

    /** Returns the NUMA nodes in the kernel's list format. */
    public String cpusetMems() {
        return cpuset.mems();
    }

    /** Returns the resources on other CPUs and NUMA nodes, each in the kernel's list format. */
    public LinuxResources withCpuset(String cpus, String mems) {
        return new LinuxResources(cpu, memory, new Cpuset(cpus, mems), oomScoreAdj, hugepageLimits, unified);
    }

    /** Returns the resources with another quota, both in microseconds; a quota of -1 lifts it. */
    public LinuxResources withCpuQuota(long quotaMicros, long periodMicros) {
        return with(new Cpu(periodMicros, quotaMicros, cpu.shares()));
    }

    /** Returns the resources with another relative weight, 2 to 262144. */
    public LinuxResources withCpuShares(long shares) {
        return with(new Cpu(cpu.periodMicros(), cpu.quotaMicros(), shares));
    }

    private LinuxResources with(Cpu cpu) {
        return new LinuxResources(cpu, memory, cpuset, oomScoreAdj, hugepageLimits, unified);
    }

    /** Returns the resources with another memory limit, in bytes; that of swap stays. */
    public LinuxResources withMemoryLimit(long bytes) {
        Memory limited = new Memory(bytes, memory.swapLimitBytes());
        return new LinuxResources(cpu, limited, cpuset, oomScoreAdj, hugepageLimits, unified);
    }

    /** Returns the resources with other limits of huge pages, in bytes by page size. */
    public LinuxResources withHugepageLimits(Map<String, Long> limits) {
        return new LinuxResources(cpu, memory, cpuset, oomScoreAdj, limits, unified);
    }

    /** Returns the resources with another OOM score adjustment, -1000 to 1000. */
    public LinuxResources withOomScoreAdj(long adj) {
        return new LinuxResources(cpu, memory, cpuset, adj, hugepageLimits, unified);
    }

    /** Returns the resources with other values by cgroup v2 file name. */
    public LinuxResources withUnified(Map<String, String> files) {
        return new LinuxResources(cpu, memory, cpuset, oomScoreAdj, hugepageLimits, files);
    }
}
