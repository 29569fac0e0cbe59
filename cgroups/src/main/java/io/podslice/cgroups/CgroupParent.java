package io.podslice.cgroups;

/** What CRI's {@code linux.cgroup_parent} says, under the cgroupfs driver: a pod's own cgroup, or why it is none. */
public sealed interface CgroupParent {

    /** The pod's cgroup. */
    record Usable(CgroupPath path) implements CgroupParent {}

    /**
     * No cgroup that could be the pod's.
     *
     * @param value what was given
     * @param reason why it cannot be used, e.g. {@code is not an absolute path}
     */
    record Unusable(String value, String reason) implements CgroupParent {
        /** The whole sentence: field, value, reason. */
        public String message() {
            return "linux.cgroup_parent \"" + value + "\" " + reason;
        }
    }

    /**
     * Reads a {@code cgroup_parent}. Whether the path lies below the root for pods, and whether another pod has it, is
     * for the caller to check.
     *
     * @param value the field, empty where it is not set
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
        // The runtime takes the last component's suffix as the sign of the systemd driver (containerd and runc both
        // do).
        if (path.name().endsWith(".slice")) {
            return new Unusable(value, "is a systemd slice: only the cgroupfs driver is supported");
        }
        return new Usable(path);
    }
}
