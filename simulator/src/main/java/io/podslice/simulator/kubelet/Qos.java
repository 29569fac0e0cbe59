package io.podslice.simulator.kubelet;

import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.systemd.UnitName;

/** A quality of service class, and the part of a pod's cgroup path that shows it. */
public enum Qos {
    GUARANTEED(""),
    BURSTABLE("burstable"),
    BEST_EFFORT("besteffort");

    private final String folder;

    Qos(String folder) {
        this.folder = folder;
    }

    /** Returns the class's cgroup: a slice where the cgroup of all pods is one. */
    public CgroupPath cgroup(CgroupPath kubepods) {
        return folder.isEmpty() ? kubepods : below(kubepods, folder);
    }

    /** Returns the cgroup of a pod of the class. */
    CgroupPath podCgroup(CgroupPath kubepods, String uid) {
        return below(cgroup(kubepods), "pod" + uid);
    }

    private static CgroupPath below(CgroupPath parent, String name) {
        return parent.name().endsWith(".slice")
                ? UnitName.ofPath(parent).orElseThrow().child(name).path()
                : parent.child(name);
    }
}
