package io.podslice.integration.vm;

import io.podslice.cgroups.CpuSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The times from a grant of CPUs until other, busy processes are off them. */
final class Leavers {
    private static final long PATIENCE_NANOS = 500_000_000;

    /** The field of {@code /proc/PID/stat} with the CPU that the process ran on last, counted from the state on. */
    private static final int PROCESSOR = 36;

    private final Map<String, Long> processes;
    private final Map<String, List<Long>> nanos = new TreeMap<>();
    private int grants;

    /** @param processes the processes by name */
    Leavers(Map<String, Long> processes) {
        this.processes = Map.copyOf(processes);
    }

    /** Watches until all processes have left, or half a second has passed, from a grant that has just returned. */
    void granted(CpuSet cpus) throws IOException {
        grants++;
        long began = System.nanoTime();
        Map<String, Long> left = new TreeMap<>(processes);
        while (!left.isEmpty() && System.nanoTime() < began + PATIENCE_NANOS) {
            List<String> gone = new ArrayList<>();
            for (Map.Entry<String, Long> process : left.entrySet()) {
                if (isOff(process.getValue(), cpus)) {
                    nanos.computeIfAbsent(process.getKey(), _ -> new ArrayList<>())
                            .add(System.nanoTime() - began);
                    gone.add(process.getKey());
                }
            }
            gone.forEach(left::remove);
        }
    }

    private static boolean isOff(long process, CpuSet cpus) throws IOException {
        if (Linux.allowed(process).intersects(cpus)) {
            return false;
        }
        String stat = Files.readString(Path.of("/proc", Long.toString(process), "stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return !cpus.contains(Integer.parseInt(fields[PROCESSOR]));
    }

    /** Tells if the process has left after each grant. */
    boolean alwaysLeft(String name) {
        return nanos.getOrDefault(name, List.of()).size() == grants;
    }

    /** Returns the median and the longest time of a process in milliseconds, and how often it left. */
    String text(String name) {
        long[] sorted = nanos.getOrDefault(name, List.of()).stream()
                .mapToLong(Long::longValue)
                .sorted()
                .toArray();
        return sorted.length == 0
                ? "stayed after all " + grants + " grants"
                : "left after %d of %d grants, within %.1f ms, at most %.1f ms"
                        .formatted(
                                sorted.length,
                                grants,
                                sorted[sorted.length / 2] / 1e6,
                                Arrays.stream(sorted).max().orElse(0) / 1e6);
    }
}
