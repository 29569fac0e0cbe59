package io.podslice.managers.pod;

/** Whose rules of tiered memory protection (KEP-2570) are followed: those of the kubelet of that version. */
public enum MemoryQosVersion {
    /**
     * memory.high only for containers that request some memory and less than their limit, and by the node's allocatable
     * memory where they have none of their own, be there a limit of the pod; none for pods.
     */
    V1_36("1.36"),

    /** memory.high for BestEffort containers and for pods with resources as a whole too, and by the inherited limit. */
    V1_37("1.37");

    private final String text;

    MemoryQosVersion(String text) {
        this.text = text;
    }

    /** As Kubernetes writes it, e.g. {@code 1.37}. */
    public String text() {
        return text;
    }

    /**
     * The version of that text.
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
