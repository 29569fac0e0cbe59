package io.podslice.simulator.runtime;

import io.podslice.cgroups.CgroupPath;
import io.podslice.simulator.kernel.SimulatedCgroups;
import java.util.concurrent.atomic.AtomicInteger;

/** Processes of the simulated kernel, numbered in the order of their start. Safe for any thread. */
public final class SimulatedProcesses implements Processes {
    private static final int FIRST = 1000;

    private final SimulatedCgroups kernel;
    private final AtomicInteger next = new AtomicInteger(FIRST);

    /** Starts processes in that kernel; no other code may start processes in it. */
    public SimulatedProcesses(SimulatedCgroups kernel) {
        this.kernel = kernel;
    }

    @Override
    public int start(CgroupPath cgroup) {
        int pid = next.getAndIncrement();
        kernel.start(pid, cgroup);
        return pid;
    }

    @Override
    public void end(int pid) {
        kernel.exit(pid);
    }
}
