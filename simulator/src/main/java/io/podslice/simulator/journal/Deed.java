package io.podslice.simulator.journal;

import io.podslice.cgroups.CgroupPath;

/** One entry of the journal: a CRI call, or a change of the cgroup tree. */
public sealed interface Deed {

    /** Returns the program that made the call or the change. */
    Actor actor();

    /**
     * A CRI call, noted when it is made.
     *
     * @param method the call's name in CRI
     * @param subject the pod's name, or {@code pod/container}
     * @param detail the values of the call that a reader needs; may be empty
     */
    record Call(Actor actor, String method, String subject, String detail) implements Deed {}

    /**
     * A write that the kernel accepted.
     *
     * @param before the file's text before the write
     * @param after the file's text after the write, which may differ from what was written
     */
    record Write(Actor actor, CgroupPath cgroup, String file, String before, String after) implements Deed {}

    /** The creation of a cgroup. */
    record Made(Actor actor, CgroupPath cgroup) implements Deed {}

    /** The removal of a cgroup. */
    record Removed(Actor actor, CgroupPath cgroup) implements Deed {}
}
