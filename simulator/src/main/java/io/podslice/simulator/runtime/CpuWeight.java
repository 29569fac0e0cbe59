package io.podslice.simulator.runtime;

/** Turns CRI's cpu shares into cgroup v2's cpu.weight, as an OCI runtime does. */
final class CpuWeight {
    private CpuWeight() {}

    /**
     * Returns the weight as runc 1.3.2 and later and crun 1.23 and later compute it: quadratic in the logarithm, so
     * that 1024 shares are weight 100.
     *
     * @param shares 0 for "not set", else 2 to 262144
     * @return 0 for "not set", else 1 to 10000
     */
    static long ofShares(long shares) {
        if (shares == 0) {
            return 0;
        }
        if (shares <= 2) {
            return 1;
        }
        if (shares >= 262_144) {
            return 10_000;
        }
        double log = Math.log((double) shares) / Math.log(2);
        double exponent = (log * log + 125 * log) / 612.0 - 7.0 / 34.0;
        return (long) Math.ceil(Math.pow(10, exponent));
    }
}
