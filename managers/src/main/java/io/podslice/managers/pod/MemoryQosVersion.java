package io.podslice.managers.pod;

/** The kubelet version whose rules of tiered memory protection (KEP-2570) apply. */
public enum MemoryQosVersion {
    /**
     * Sets memory.high only for containers that request some memory and less than their limit, and by the node's
     * allocatable memory where they have no limit of their own, even if the pod has one; none for pods.
     */
    V1_36("1.36"),

    /**
     * Sets memory.high for BestEffort containers and for pods with pod-level resources too, and by the inherited limit.
     */
    V1_37("1.37");

    private final String text;

    MemoryQosVersion(String text) {
        this.text = text;
    }

    /** The spelling of Kubernetes, e.g. {@code 1.37}. */
    public String text() {
        return text;
    }

    /**
     * Returns the version of that text.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static MemoryQosVersion of(String text) {
        for (MemoryQosVersion version : values()) {
            if (version.text.equals(text)) {
                return version;
            }
        }
        throw new IllegalArgumentException("memory QoS of version \"" + text + "\": must be 1.36 or 1.37");
    }
}
