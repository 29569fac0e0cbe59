package io.podslice.integration.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Processor time of the whole machine since boot, in ticks, from the first line of {@code /proc/stat} (proc(5)).
 *
 * @param total all processor time
 * @param busy time neither idle, nor waiting for a disk, nor stolen
 * @param stolen time that the hypervisor gave to another guest
 */
record MachineTime(long total, long busy, long stolen) {

    private static final int IDLE = 3;
    private static final int IOWAIT = 4;
    private static final int STEAL = 7;

    static MachineTime now() {
        String[] fields;
        try {
            fields = Files.readAllLines(Path.of("/proc/stat")).getFirst().split(" +", -1);
        } catch (IOException e) {
            throw new BenchException("cannot read /proc/stat", e);
        }
        // Guest time, the last two, is part of user time already.
        long[] ticks = new long[STEAL + 1];
        long total = 0;
        for (int i = 0; i < ticks.length; i++) {
            ticks[i] = Long.parseLong(fields[i + 1]);
            total += ticks[i];
        }
        return new MachineTime(total, total - ticks[IDLE] - ticks[IOWAIT] - ticks[STEAL], ticks[STEAL]);
    }

    MachineTime minus(MachineTime earlier) {
        return new MachineTime(total - earlier.total, busy - earlier.busy, stolen - earlier.stolen);
    }
}
