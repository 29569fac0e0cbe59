package io.podslice.managers.pod;

import java.util.Map;

/**
 * Resources as CRI and NRI carry them. Zero or empty means "not set", which in an update means "unchanged".
 *
 * @param cpuPeriodMicros CFS period in microseconds
 * @param cpuQuotaMicros CFS quota in microseconds in each period; -1 lifts it
 * @param cpuShares relative weight, 2 to 262144; 1024 is one CPU
 * @param memoryLimitBytes memory limit in bytes
 * @param memorySwapLimitBytes memory and swap together, bytes
 * @param oomScoreAdj -1000 to 1000
 * @param cpusetCpus CPUs in the kernel's list format
 * @param cpusetMems NUMA nodes in the kernel's list format
 * @param hugepageLimits bytes by page size as CRI names it ({@code 2MB}, {@code 1GB})
 * @param unified values by cgroup v2 file name
 */
public record LinuxResources(
        long cpuPeriodMicros,
        long cpuQuotaMicros,
        long cpuShares,
        long memoryLimitBytes,
        long memorySwapLimitBytes,
        long oomScoreAdj,
        String cpusetCpus,
        String cpusetMems,
        Map<String, Long> hugepageLimits,
        Map<String, String> unified) {

    /** Resources with no value set. */
    public static final LinuxResources NONE = new LinuxResources(0, 0, 0, 0, 0, 0, "", "", Map.of(), Map.of());

    public LinuxResources {
        hugepageLimits = Map.copyOf(hugepageLimits);
        unified = Map.copyOf(unified);
    }

    public LinuxResources withCpuset(String cpus, String mems) {
        return new LinuxResources(
                cpuPeriodMicros,
                cpuQuotaMicros,
                cpuShares,
                memoryLimitBytes,
                memorySwapLimitBytes,
                oomScoreAdj,
                cpus,
                mems,
                hugepageLimits,
                unified);
    }

    public LinuxResources withCpuQuota(long quotaMicros, long periodMicros) {
        return new LinuxResources(
                periodMicros,
                quotaMicros,
                cpuShares,
                memoryLimitBytes,
                memorySwapLimitBytes,
                oomScoreAdj,
                cpusetCpus,
                cpusetMems,
                hugepageLimits,
                unified);
    }

    public LinuxResources withMemoryLimit(long bytes) {
        return new LinuxResources(
                cpuPeriodMicros,
                cpuQuotaMicros,
                cpuShares,
                bytes,
                memorySwapLimitBytes,
                oomScoreAdj,
                cpusetCpus,
                cpusetMems,
                hugepageLimits,
                unified);
    }

    public LinuxResources withCpuShares(long shares) {
        return new LinuxResources(
                cpuPeriodMicros,
                cpuQuotaMicros,
                shares,
                memoryLimitBytes,
                memorySwapLimitBytes,
                oomScoreAdj,
                cpusetCpus,
                cpusetMems,
                hugepageLimits,
                unified);
    }

    public LinuxResources withHugepageLimits(Map<String, Long> limits) {
        return new LinuxResources(
                cpuPeriodMicros,
                cpuQuotaMicros,
                cpuShares,
                memoryLimitBytes,
                memorySwapLimitBytes,
                oomScoreAdj,
                cpusetCpus,
                cpusetMems,
                limits,
                unified);
    }

    public LinuxResources withOomScoreAdj(long adj) {
        return new LinuxResources(
                cpuPeriodMicros,
                cpuQuotaMicros,
                cpuShares,
                memoryLimitBytes,
                memorySwapLimitBytes,
                adj,
                cpusetCpus,
                cpusetMems,
                hugepageLimits,
                unified);
    }

    public LinuxResources withUnified(Map<String, String> files) {
        return new LinuxResources(
                cpuPeriodMicros,
                cpuQuotaMicros,
                cpuShares,
                memoryLimitBytes,
                memorySwapLimitBytes,
                oomScoreAdj,
                cpusetCpus,
                cpusetMems,
                hugepageLimits,
                files);
    }
}
