package io.podslice.integration.host;

import java.io.IOException;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;

/** Checks all the time that processes are on the CPUs on which they must be. */
final class CpuWatch implements AutoCloseable {
    private static final long PAUSE_MILLIS = 20;

    private final Set<String> disturbed = new ConcurrentSkipListSet<>();
    private final Collection<Long> pids;
    private final String cpus;
    private volatile boolean over;

    /** @param cpus the CPUs in the kernel's list format */
    CpuWatch(Collection<Long> pids, String cpus) {
        this.pids = pids;
        this.cpus = cpus;
        var _ = Thread.ofPlatform().daemon().name("cpu watch").start(this::watch);
    }

    private void watch() {
        try {
            while (!over) {
                for (long pid : pids) {
                    look(pid);
                }
                Thread.sleep(PAUSE_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void look(long pid) {
        try {
            String allowed = NriHost.allowed(pid);
            if (!allowed.equals(cpus)) {
                disturbed.add("process " + pid + " was allowed " + allowed);
            }
        } catch (IOException e) {
            disturbed.add("process " + pid + " is gone: " + e.getMessage());
        }
    }

    /** Returns the violations seen. */
    Set<String> disturbed() {
        return disturbed;
    }

    @Override
    public void close() {
        over = true;
    }
}
