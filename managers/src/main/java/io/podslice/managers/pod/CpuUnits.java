package io.podslice.managers.pod;

/** The kubelet's conversions between millicores, cpu.shares, cpu.weight and the CFS quota. */
public final class CpuUnits {
    /** The least cpu.shares; what a pod that asks for no CPU gets. */
    public static final long MIN_SHARES = 2;

    /** The most cpu.shares: 256 CPUs. */
    public static final long MAX_SHARES = 262_144;

    /** The shortest quota that the kernel takes, in microseconds. */
    public static final long MIN_QUOTA_MICROS = 1_000;

    private static final long SHARES_OF_A_CPU = 1_024;
    private static final long MAX_WEIGHT = 10_000;

    private CpuUnits() {}

    public static long sharesOf(long milliCpu) {
        if (milliCpu <= 0) {
            return MIN_SHARES;
        }
        if (milliCpu >= MAX_SHARES * 1000 / SHARES_OF_A_CPU) {
            return MAX_SHARES;
        }
        return Math.max(MIN_SHARES, milliCpu * SHARES_OF_A_CPU / 1000);
    }

    /** Millicores, rounded up; exact up to 256 CPUs for shares that came from whole millicores. */
    public static long milliOfShares(long shares) {
        return shares <= 0 ? 0 : Math.ceilDiv(Math.min(shares, MAX_SHARES) * 1000, SHARES_OF_A_CPU);
    }

    /** CFS quota in microseconds; 0 (not set) for no CPU, never below {@link #MIN_QUOTA_MICROS} otherwise. */
    public static long quotaOf(long milliCpu, long periodMicros) {
        if (milliCpu <= 0) {
            return 0;
        }
        return Math.max(
                MIN_QUOTA_MICROS,
                Math.multiplyHigh(milliCpu, periodMicros) != 0
                        ? Long.MAX_VALUE / 1000
                        : milliCpu * periodMicros / 1000);
    }

    /** Millicores, rounded down; 0 for no quota. */
    public static long milliOfQuota(long quotaMicros, long periodMicros) {
        return quotaMicros <= 0 || periodMicros <= 0 ? 0 : quotaMicros * 1000 / periodMicros;
    }

    /** cgroup v2 weight by the kubelet's own, linear formula, 1 to 10000. Container runtimes have another. */
    public static long weightOf(long shares) {
        if (shares <= MIN_SHARES) {
            return 1;
        }
        return shares >= MAX_SHARES
                ? MAX_WEIGHT
                : 1 + (shares - MIN_SHARES) * (MAX_WEIGHT - 1) / (MAX_SHARES - MIN_SHARES);
    }

    /** cpu.shares that a weight reads back as; the way there and back loses some. */
    public static long sharesOfWeight(long weight) {
        return weight <= 0 ? 0 : (weight - 1) * (MAX_SHARES - MIN_SHARES) / (MAX_WEIGHT - 1) + MIN_SHARES;
    }
}
