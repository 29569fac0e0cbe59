package io.podslice.cgroups;

/** The component of a node that makes the cgroups of pods, and so rules how they are named and written to. */
public enum CgroupDriver {
    /** The kubelet and the runtime make directories themselves: {@code /kubepods/burstable/pod<uid>/<id>}. */
    CGROUPFS,

    /**
     * systemd makes a unit for each: {@code /kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod<uid>.slice},
     * and rewrites a unit's files from its properties.
     */
    SYSTEMD
}
