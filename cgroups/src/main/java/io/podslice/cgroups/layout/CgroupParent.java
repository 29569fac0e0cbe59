package io.podslice.cgroups.layout;

import io.podslice.cgroups.CgroupDriver;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.systemd.UnitName;

/** A pod's own cgroup by CRI's {@code linux.cgroup_parent}, or the reason for having none. */
public sealed interface CgroupParent {
    /** The suffix by which containerd knows a slice. */
    String SLICE = ".slice";

    /** The pod's cgroup. */
    record Usable(CgroupPath path) implements CgroupParent {}

    /**
     * A {@code cgroup_parent} that cannot be the pod's own cgroup.
     *
     * @param value the field as CRI gave it
     * @param reason why it cannot be used, e.g. {@code is not an absolute path}
     */
    record Unusable(String value, String reason) implements CgroupParent {
        /** Returns the whole sentence: field, value, reason. */
        public String message() {
            return "linux.cgroup_parent \"" + value + "\" " + reason;
        }
    }

    /**
     * Reads a {@code cgroup_parent}. The caller must check that the path lies below the root for pods and that no other
     * pod has it.
     *
     * <p>containerd takes the suffix {@code .slice} of the last component as the sign of the systemd driver, and then
     * uses that component alone; runc's own setting decides who makes the cgroup, and the two must agree.
     *
     * @param value the field; empty where it is not set
     * @param driver the cgroup driver of kubelet and runtime
     */
    static CgroupParent parse(String value, CgroupDriver driver) {
        if (value.isEmpty()) {
            return new Unusable(value, "is empty: the pod has no cgroup of its own");
        }
        boolean isSlice = value.endsWith(SLICE);
        if (isSlice && driver == CgroupDriver.CGROUPFS) {
            return new Unusable(
                    value, "is a systemd slice, and the cgroup driver of this node is cgroupfs" + " (cgroups.driver)");
        }
        if (!value.startsWith("/") && (!isSlice || value.indexOf('/') >= 0)) {
            return new Unusable(value, "is not an absolute path");
        }
        if (value.equals("/")) {
            return new Unusable(value, "is the root cgroup");
        }
        CgroupPath path;
        try {
            path = new CgroupPath(value.startsWith("/") ? value : "/" + value);
        } catch (IllegalArgumentException e) {
            return new Unusable(value, "is not a plain path: " + e.getMessage());
        }
        if (driver == CgroupDriver.CGROUPFS) {
            return new Usable(path);
        }
        return isSlice
                ? ofSlice(value, path.name())
                : new Unusable(
                        value,
                        "is no systemd slice, and the cgroup driver of this node is systemd" + " (cgroups.driver)");
    }

    private static CgroupParent ofSlice(String value, String name) {
        try {
            UnitName unit = new UnitName(name);
            return unit.equals(UnitName.ROOT_SLICE)
                    ? new Unusable(value, "is the root cgroup")
                    : new Usable(unit.path());
        } catch (IllegalArgumentException e) {
            return new Unusable(value, "is no slice of systemd's: " + e.getMessage());
        }
    }
}
