package io.podslice.integration.crash;

import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import io.podslice.simulator.kernel.SimulatedCgroups;

/** The cgroups of a node, as its driver names and makes them. */
interface NodeCgroups {

    /** Returns the kernel's tree. */
    SimulatedCgroups kernel();

    /** Returns the cgroup of all pods. */
    CgroupPath kubepods();

    /** Makes a cgroup and those above it, all controllers enabled. */
    void makeAll(String path);

    /**
     * Returns a cgroup's path of this driver for one of the cgroupfs driver, e.g. {@code /kubepods/podp0}. systemd's driver
     * has no pods outside of {@link #kubepods}.
     */
    CgroupPath pathOf(String cgroupfs);

    /** Returns the cgroup of a sandbox or container of a pod. */
    CgroupPath below(CgroupPath pod, String id);

    /** Returns the tree as a podslice that starts now writes to it, which may fail; an earlier podslice has ended. */
    CgroupFiles podslices(FaultPoints points);

    /** Makes a container's cgroup where it is missing, and starts a process in it. */
    void start(CgroupPath container, int pid);

    /** Ends a container's processes and removes its cgroup. */
    void end(CgroupPath container);

    /** Writes a value as the runtime does. */
    void set(CgroupPath container, String file, String value);

    /** Tells podslice that systemd, if there is one, can be asked again. */
    void answersAgain();

    /** Lets whatever rewrites cgroups behind podslice's back do so: a reload, or the kubelet's minute. */
    void disturb(Deed.Disturbance disturbance);
}
