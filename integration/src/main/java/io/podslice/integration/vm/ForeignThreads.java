package io.podslice.integration.vm;

import io.podslice.cgroups.CpuSet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Looks, every 10 ms if the machine is fast enough for that, at the CPUs that each process of the machine may run on, and
 * notes those that may run on CPUs which are another's alone. Kernel threads are left out: the kernel's own are bound to
 * their CPUs.
 */
final class ForeignThreads {
    private static final long PERIOD_NANOS = 10_000_000;
    private static final int MOST_NOTED = 20;
    private static final String ALLOWED = "Cpus_allowed_list:";

    /**
     * Slices that are in force.
     *
     * @param number a number that grows with each change
     * @param cpus the CPUs of each container with a slice, and its processes
     */
    private record Granted(long number, Map<String, Slice> cpus) {}

    private record Slice(CpuSet cpus, Set<Long> processes) {}

    private volatile Granted granted = new Granted(0, Map.of());
    private volatile boolean ended;
    private final AtomicLong looks = new AtomicLong();
    private final AtomicLong seen = new AtomicLong();
    private final List<String> noted = new ArrayList<>();
    private final Thread thread = new Thread(this::watch, "foreign threads");

    ForeignThreads() {
        thread.setDaemon(true);
        thread.start();
    }

    /** Takes note that a container has these CPUs alone from now on. */
    synchronized void granted(String container, CpuSet cpus, Set<Long> processes) {
        Map<String, Slice> next = new TreeMap<>(granted.cpus());
        next.put(container, new Slice(cpus, Set.copyOf(processes)));
        granted = new Granted(granted.number() + 1, next);
    }

    /** Takes note that a container may lose its CPUs from now on. */
    synchronized void ending(String container) {
        Map<String, Slice> next = new TreeMap<>(granted.cpus());
        next.remove(container);
        granted = new Granted(granted.number() + 1, next);
    }

    /** Returns the number of looks at all processes. */
    long looks() {
        return looks.get();
    }

    /** Returns how often a process was seen that might run on CPUs of another. */
    long seen() {
        return seen.get();
    }

    /** Returns the first of what was seen. */
    synchronized List<String> noted() {
        return List.copyOf(noted);
    }

    private void watch() {
        while (!ended) {
            long began = System.nanoTime();
            look();
            looks.incrementAndGet();
            LockSupport.parkNanos(PERIOD_NANOS - (System.nanoTime() - began));
        }
    }

    private void look() {
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                Granted before = granted;
                String status = status(process);
                // Only what holds for the whole time of the look counts: a change meanwhile explains what is seen.
                if (before.number() == granted.number() && status.contains("VmSize:")) {
                    compare(Long.parseLong(process.getFileName().toString()), status, before);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list /proc", e);
        }
    }

    /** Returns a process's status; the empty text if it has ended. */
    private static String status(Path process) throws IOException {
        try {
            return Files.readString(process.resolve("status"));
        } catch (NoSuchFileException e) {
            return "";
        } catch (IOException e) {
            if (Files.exists(process.resolve("status"))) {
                throw e;
            }
            return "";
        }
    }

    private void compare(long process, String status, Granted slices) {
        CpuSet allowed = status.lines()
                .filter(line -> line.startsWith(ALLOWED))
                .map(line -> CpuSet.parse(line.substring(ALLOWED.length())))
                .findFirst()
                .orElse(CpuSet.empty());
        slices.cpus().forEach((container, slice) -> {
            if (allowed.intersects(slice.cpus()) && !slice.processes().contains(process)) {
                seen.incrementAndGet();
                note(process + " (" + status.lines().findFirst().orElse("") + ") may run on " + allowed + ", and "
                        + container + " has " + slice.cpus());
            }
        });
    }

    private synchronized void note(String what) {
        if (noted.size() < MOST_NOTED) {
            noted.add(what);
        }
    }

    /** Ends the watch, after the look that is under way. */
    void end() throws InterruptedException {
        ended = true;
        thread.join();
    }
}
