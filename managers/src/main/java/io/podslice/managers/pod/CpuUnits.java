package io.podslice.managers.pod;

/** The kubelet's conversions between millicores, cpu.shares, cpu.weight and the CFS quota. */
public final class CpuUnits {
    /** The least cpu.shares; the value of a pod that asks for no CPU. */
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

    /**
     * Converts shares to millicores, rounded up; exact up to 256 CPUs for shares that came from whole millicores. Fewer shares
     * than {@link #MIN_SHARES} are none to the kubelet.
     */
    public static long milliOfShares(long shares) {
        return shares < MIN_SHARES ? 0 : Math.ceilDiv(Math.min(shares, MAX_SHARES) * 1000, SHARES_OF_A_CPU);
    }

    /**
     * Converts millicores to a CFS quota in microseconds; 0 (not set) for no CPU, never below {@link #MIN_QUOTA_MICROS}
     * otherwise.
     */
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

    /** Converts a CFS quota to millicores, rounded down, at most Long.MAX_VALUE; 0 for no quota. */
    public static long milliOfQuota(long quotaMicros, long periodMicros) {
        if (quotaMicros <= 0 || periodMicros <= 0) {
            return 0;
        }
        if (quotaMicros <= Long.MAX_VALUE / 1000) {
            return quotaMicros * 1000 / periodMicros;
        }
        long cpus = quotaMicros / periodMicros;
        return cpus > Long.MAX_VALUE / 1000 ? Long.MAX_VALUE : cpus * 1000;
    }

    /**
     * Converts shares to a cgroup v2 weight by the kubelet's own, linear formula, 1 to 10000, for all cgroups but
     * containers'.
     */
    public static long weightOf(long shares) {
        if (shares <= MIN_SHARES) {
            return 1;
        }
        return shares >= MAX_SHARES
                ? MAX_WEIGHT
                : 1 + (shares - MIN_SHARES) * (MAX_WEIGHT - 1) / (MAX_SHARES - MIN_SHARES);
    }

    /**
     * Converts shares to a container's cgroup v2 weight by the formula of the OCI runtimes (opencontainers/cgroups
     * 0.0.3, so runc 1.3.2, crun 1.23), 1 to 10000; 0, not set, for no shares. The formula maps least, default (1024 to
     * 100) and most by a quadratic function of the logarithm; older runtimes have the kubelet's.
     */
    public static long runtimeWeightOf(long shares) {
        if (shares <= MIN_SHARES) {
            return shares < MIN_SHARES ? 0 : 1;
        }
        if (shares >= MAX_SHARES) {
            return MAX_WEIGHT;
        }
        // The logarithm of a power of two must be exact: a value too large by any amount would give the next weight.
        double floor = Long.highestOneBit(shares);
        double log = Math.getExponent(floor) + Math.log(shares / floor) / Math.log(2);
        return (long) Math.ceil(Math.pow(10, (log * log + 125 * log) / 612 - 7.0 / 34));
    }

    /** Converts a weight back to cpu.shares; shares converted to a weight and back lose some precision. */
    public static long sharesOfWeight(long weight) {
        return weight <= 0 ? 0 : (weight - 1) * (MAX_SHARES - MIN_SHARES) / (MAX_WEIGHT - 1) + MIN_SHARES;
    }
}
