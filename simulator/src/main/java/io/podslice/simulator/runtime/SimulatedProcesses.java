package io.podslice.simulator.runtime;

import io.podslice.cgroups.CgroupPath;
import io.podslice.simulator.kernel.SimulatedCgroups;
import java.util.concurrent.atomic.AtomicInteger;

/** Processes of the simulated kernel, numbered as they come. Any thread. */
public final class SimulatedProcesses implements Processes {
    private static final int FIRST = 1000;

    private final SimulatedCgroups kernel;
    private final AtomicInteger next = new AtomicInteger(FIRST);

    /** Processes of that kernel, which nobody else starts. */
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
