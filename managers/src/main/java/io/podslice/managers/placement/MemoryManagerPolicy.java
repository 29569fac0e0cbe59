package io.podslice.managers.placement;

/** The kubelet's {@code memoryManagerPolicy}. */
public enum MemoryManagerPolicy {
    /** Memory is not accounted by NUMA node, and podslice does not write {@code cpuset.mems}. */
    NONE("None"),
    /** A Guaranteed pod's memory is accounted on its NUMA nodes, and its containers are restricted to them. */
    STATIC("Static");

    private final String text;

    MemoryManagerPolicy(String text) {
        this.text = text;
    }

    /** The spelling in KubeletConfiguration. */
    public String text() {
        return text;
    }
}
