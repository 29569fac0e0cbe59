package io.podslice.managers.placement;

/** The kubelet's {@code memoryManagerPolicy}. */
public enum MemoryManagerPolicy {
    /** Memory is not accounted by NUMA node, and {@code cpuset.mems} is left alone. */
    NONE("None"),
    /** A Guaranteed pod's memory is accounted on its NUMA nodes, and its containers are kept to them. */
    STATIC("Static");

    private final String text;

    MemoryManagerPolicy(String text) {
        this.text = text;
    }

    /** As KubeletConfiguration spells it. */
    public String text() {
        return text;
    }
}
