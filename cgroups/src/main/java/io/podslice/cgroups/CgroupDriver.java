package io.podslice.cgroups;

import java.util.Locale;

/** The component of a node that makes the cgroups of pods, and so rules how they are named and written to. */
public enum CgroupDriver {
    /** The kubelet and the runtime make directories themselves: {@code /kubepods/burstable/pod<uid>/<id>}. */
    CGROUPFS,

    /**
     * systemd makes a unit for each: {@code /kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod<uid>.slice},
     * and rewrites a unit's files from its properties.
     */
    SYSTEMD;

    /** Returns the spelling of the kubelet's configuration: {@code cgroupfs}, {@code systemd}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
