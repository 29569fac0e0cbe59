package io.podslice.node;

/** The way in which exclusive CPUs are kept for their owner; the setting {@code isolation}. */
public enum CpuIsolation {
    /** A cgroup v2 partition where the kernel makes one, and {@code cpuset.cpus} alone where it does not. */
    AUTO("auto"),
    /** A cgroup v2 partition; a pod for which the kernel makes none is refused where it still can be. */
    PARTITION("partition"),
    /** The {@code cpuset.cpus} of podslice's cgroups: processes outside the pods' cgroups are not kept off. */
    CPUSET("cpuset");

    private final String text;

    CpuIsolation(String text) {
        this.text = text;
    }

    /** The spelling in the configuration. */
    public String text() {
        return text;
    }
}
