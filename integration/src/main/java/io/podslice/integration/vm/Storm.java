package io.podslice.integration.vm;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Reloads, reexecs and writes of every unit's properties, each as fast as systemd takes them, for ten seconds. */
final class Storm {
    private static final long NANOS = 10_000_000_000L;

    private final List<String> cgroups;
    private final AtomicInteger writes = new AtomicInteger();
    private final AtomicInteger failures = new AtomicInteger();
    private final AtomicInteger reloads = new AtomicInteger();
    private final AtomicInteger reexecs = new AtomicInteger();

    /** @param cgroups the directories of units */
    Storm(List<String> cgroups) {
        this.cgroups = List.copyOf(cgroups);
    }

    /** Rages, and returns when it is over. */
    void rage() throws InterruptedException {
        long end = System.nanoTime() + NANOS;
        Thread writer = Thread.ofPlatform().start(() -> {
            while (System.nanoTime() < end) {
                counted(writes, () -> UnitWrites.weighAgain(cgroups.get(writes.get() % cgroups.size())));
            }
        });
        while (System.nanoTime() < end) {
            counted(reloads, () -> {
                var _ = Systemd.ctl("daemon-reload");
            });
            counted(reloads, () -> {
                var _ = Systemd.ctl("daemon-reload");
            });
            counted(reexecs, () -> {
                var _ = Systemd.ctl("daemon-reexec");
            });
        }
        writer.join();
    }

    /** Counts calls, and those that come while systemd does not answer. */
    private void counted(AtomicInteger count, Runnable call) {
        count.incrementAndGet();
        try {
            call.run();
        } catch (IllegalStateException e) {
            failures.incrementAndGet();
        }
    }

    @Override
    public String toString() {
        return writes + " writes of properties, " + reloads + " reloads and " + reexecs + " reexecs, " + failures
                + " of them while systemd did not answer";
    }
}
