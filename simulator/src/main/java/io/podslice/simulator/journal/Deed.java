package io.podslice.simulator.journal;

import io.podslice.cgroups.CgroupPath;

/** One thing that was done. */
public sealed interface Deed {

    /** Who did it. */
    Actor actor();

    /**
     * A CRI call, noted when it is made.
     *
     * @param method CRI's name of it
     * @param subject the pod's name, or {@code pod/container}
     * @param detail the values that matter in it; may be empty
     */
    record Call(Actor actor, String method, String subject, String detail) implements Deed {}

    /**
     * A write that the kernel took.
     *
     * @param before what the file said before
     * @param after what it says now, which need not be what was written
     */
    record Write(Actor actor, CgroupPath cgroup, String file, String before, String after) implements Deed {}

    /** A cgroup was made. */
    record Made(Actor actor, CgroupPath cgroup) implements Deed {}

    /** A cgroup was removed. */
    record Removed(Actor actor, CgroupPath cgroup) implements Deed {}
}
