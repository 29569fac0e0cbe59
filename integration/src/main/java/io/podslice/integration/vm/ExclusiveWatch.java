package io.podslice.integration.vm;

import io.podslice.cgroups.CpuSet;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** Looks, fifty times a second at most, for processes of other containers that are allowed on a container's exclusive CPUs. */
final class ExclusiveWatch implements AutoCloseable {
    private static final int MOST_KEPT = 10;

    /** Leaves the emulated CPUs to what is watched. */
    private static final long PAUSE_MILLIS = 20;

    private final Pod pod;
    private final String kubepods;
    private final CpuSet exclusive;
    private final List<String> violations = new CopyOnWriteArrayList<>();
    private final AtomicInteger looks = new AtomicInteger();
    private final AtomicBoolean closed = new AtomicBoolean();

    /**
     * @param pod the pod, whose container {@code pinned} has exclusive CPUs
     * @param kubepods the directory of all pods
     */
    ExclusiveWatch(Pod pod, String kubepods) {
        this.pod = pod;
        this.kubepods = kubepods;
        this.exclusive = pod.allowed("pinned");
        Thread.ofPlatform().daemon().start(this::watch);
    }

    private void watch() {
        while (!closed.get()) {
            for (String cgroup : Linux.below(kubepods)) {
                if (cgroup.endsWith(".scope")
                        && !cgroup.equals(pod.cgroup("pinned"))
                        && !cgroup.equals(pod.sandboxCgroup())) {
                    look(cgroup);
                }
            }
            looks.incrementAndGet();
            try {
                Thread.sleep(PAUSE_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private void look(String cgroup) {
        try {
            for (long process : Linux.processes(cgroup)) {
                CpuSet allowed = Linux.allowed(process);
                if (allowed.intersects(exclusive) && violations.size() < MOST_KEPT) {
                    violations.add(cgroup + ": process " + process + " on " + allowed);
                }
            }
        } catch (UncheckedIOException e) {
            // A process that ended between two readings is on no CPU at all.
            looks.decrementAndGet();
        }
    }

    /** Returns the first ten of those seen. */
    List<String> violations() {
        return List.copyOf(violations);
    }

    /** Returns how often all processes were looked at. */
    int looks() {
        return looks.get();
    }

    /** Ends it after the look under way. */
    @Override
    public void close() {
        closed.set(true);
    }
}
