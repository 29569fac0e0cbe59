package io.podslice.simulator.kubelet;

/**
 * An amount of CPU and memory, as requested or as a limit.
 *
 * @param cpuMillis millicores; 0 if not set
 * @param memoryBytes bytes; 0 if not set
 */
public record Amounts(long cpuMillis, long memoryBytes) {

    /** Neither CPU nor memory. */
    public static final Amounts NONE = new Amounts(0, 0);

    /** Returns an amount of whole CPUs and gibibytes. */
    public static Amounts of(int cpus, int gibibytes) {
        return new Amounts(cpus * 1000L, (long) gibibytes << 30);
    }

    /** Returns these amounts, with the other's in place of those that are not set. */
    Amounts or(Amounts other) {
        return new Amounts(
                cpuMillis == 0 ? other.cpuMillis : cpuMillis, memoryBytes == 0 ? other.memoryBytes : memoryBytes);
    }

    Amounts plus(Amounts other) {
        return new Amounts(cpuMillis + other.cpuMillis, memoryBytes + other.memoryBytes);
    }

    Amounts max(Amounts other) {
        return new Amounts(Math.max(cpuMillis, other.cpuMillis), Math.max(memoryBytes, other.memoryBytes));
    }

    boolean saysBoth() {
        return cpuMillis != 0 && memoryBytes != 0;
    }
}
