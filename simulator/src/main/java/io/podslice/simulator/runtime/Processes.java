package io.podslice.simulator.runtime;

import io.podslice.cgroups.CgroupPath;

/** The processes of simulated containers: one for each pause or container, so that its cgroup is busy while it runs. */
public interface Processes {

    /**
     * Starts a process in a cgroup.
     *
     * @return its pid
     */
    int start(CgroupPath cgroup);

    /** Ends a process; its cgroup loses it at once. */
    void end(int pid);
}
