package io.podslice.cgroups;

/** A pod's own cgroup by CRI's {@code linux.cgroup_parent} under the cgroupfs driver, or the reason for having none. */
public sealed interface CgroupParent {

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
     * @param value the field; empty where it is not set
     */
    static CgroupParent parse(String value) {
        if (value.isEmpty()) {
            return new Unusable(value, "is empty: the pod has no cgroup of its own");
        }
        if (!value.startsWith("/")) {
            String reason = value.endsWith(".slice")
                    ? "is a systemd slice: only the cgroupfs driver is supported"
                    : "is not an absolute path";
            return new Unusable(value, reason);
        }
        if (value.equals("/")) {
            return new Unusable(value, "is the root cgroup");
        }
        CgroupPath path;
        try {
            path = new CgroupPath(value);
        } catch (IllegalArgumentException e) {
            return new Unusable(value, "is not a plain path: " + e.getMessage());
        }
        // containerd and runc take the suffix .slice of the last component as the sign of the systemd driver.
        if (path.name().endsWith(".slice")) {
            return new Unusable(value, "is a systemd slice: only the cgroupfs driver is supported");
        }
        return new Usable(path);
    }
}
