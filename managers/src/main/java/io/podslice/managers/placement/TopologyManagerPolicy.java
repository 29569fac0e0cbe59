package io.podslice.managers.placement;

/** The kubelet's {@code topologyManagerPolicy}. */
public enum TopologyManagerPolicy {
    /** Alignment is no reason to refuse; still tried for. */
    NONE("none"),
    /** Aligned where it can be. */
    BEST_EFFORT("best-effort"),
    /** On as few NUMA nodes as the pod's size allows on an empty machine, or refused. */
    RESTRICTED("restricted"),
    /** On one NUMA node, or refused. */
    SINGLE_NUMA_NODE("single-numa-node");

    private final String text;

    TopologyManagerPolicy(String text) {
        this.text = text;
    }

    /** As KubeletConfiguration spells it. */
    public String text() {
        return text;
    }
}
