package io.podslice.managers.pod;

/**
 * The enforcement of CPU limits by the kernel's CFS quota.
 *
 * @param enforced true if CPU limits become quotas (kubelet's cpuCFSQuota)
 * @param periodMicros length of a period in microseconds, 1000 to 1000000 (kubelet's cpuCFSQuotaPeriod)
 */
public record Cfs(boolean enforced, long periodMicros) {
    /** The kubelet's defaults: enforced, 100 ms. */
    public static final Cfs DEFAULT = new Cfs(true, 100_000);

    public Cfs {
        if (periodMicros < 1_000 || periodMicros > 1_000_000) {
            throw new IllegalArgumentException("CFS period " + periodMicros + ": must be 1000 to 1000000 microseconds");
        }
    }
}
