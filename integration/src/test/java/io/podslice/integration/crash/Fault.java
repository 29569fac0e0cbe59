package io.podslice.integration.crash;

/** The fault at a point: of a write to a cgroup or to the disk. */
enum Fault {
    /** podslice is killed and the write has not happened. */
    KILLED_BEFORE,
    /** podslice is killed in the middle of the write: a file on the disk has half of it, a cgroup file all of it. */
    KILLED_AMID,
    /** podslice is killed and the write has happened. */
    KILLED_AFTER,
    /** An Error, such as that no memory can be had, before a write or while podslice looks at something: it ends podslice. */
    ERROR,
    /** The write fails: EIO. */
    EIO,
    /** The write fails: ENOSPC; a file on the disk may have half of it. */
    ENOSPC,
    /** The write fails: EBUSY, as for a cgroup that is in use. */
    EBUSY;

    boolean kills() {
        return this == KILLED_BEFORE || this == KILLED_AMID || this == KILLED_AFTER || this == ERROR;
    }
}
