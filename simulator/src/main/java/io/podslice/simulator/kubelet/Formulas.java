package io.podslice.simulator.kubelet;

/** The kubelet's arithmetic from millicores to cgroup values. */
final class Formulas {
    static final long PERIOD_MICROS = 100_000;
    private static final long MIN_SHARES = 2;
    private static final long MAX_SHARES = 262_144;
    private static final long MIN_QUOTA_MICROS = 1000;

    private Formulas() {}

    static long shares(long cpuMillis) {
        return Math.clamp(cpuMillis * 1024 / 1000, MIN_SHARES, MAX_SHARES);
    }

    /** Returns the quota in microseconds of each period; 0 if there is no limit. */
    static long quotaMicros(long cpuMillis) {
        return cpuMillis == 0 ? 0 : Math.max(cpuMillis * PERIOD_MICROS / 1000, MIN_QUOTA_MICROS);
    }

    /** Returns cpu.weight of cpu shares: linear, unlike the formula of today's runtimes. */
    static long weight(long shares) {
        return Math.min(1 + (shares - MIN_SHARES) * 9999 / (MAX_SHARES - MIN_SHARES), 10_000);
    }
}
