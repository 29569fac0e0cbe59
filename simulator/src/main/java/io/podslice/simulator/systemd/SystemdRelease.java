package io.podslice.simulator.systemd;

/**
 * A release of systemd, and how it differs from others (seen on 252, 254, 257 and 262).
 *
 * @param number the first number of its version
 */
record SystemdRelease(int number) {
    /** The release that counts quotas in drop-ins in hundredths of a per cent; those before it in whole per cents. */
    private static final int HUNDREDTHS = 255;

    private static final int ZSWAP = 253;
    private static final int PARTITION = 261;

    /** Tells if a reload, or its own restart, makes it write the attributes of all units again. */
    boolean rewritesAtReload() {
        return number != 256 && number != 257;
    }

    boolean hasZswap() {
        return number >= ZSWAP;
    }

    boolean hasPartitions() {
        return number >= PARTITION;
    }

    /**
     * Returns a quota as a drop-in keeps it.
     *
     * @param microsPerSecond microseconds of CPU time a second
     * @return the quota rounded down; 0 for one that the drop-in cannot hold
     */
    long keptQuota(long microsPerSecond) {
        long grain = number >= HUNDREDTHS ? 100 : 10_000;
        return microsPerSecond / grain * grain;
    }
}
