package io.podslice.managers.placement;

/** The kubelet's {@code cpuManagerPolicy}. */
public enum CpuManagerPolicy {
    /** No pod gets exclusive CPUs. */
    NONE("none"),
    /** Guaranteed pods and containers with whole CPUs get exclusive CPUs. */
    STATIC("static");

    private final String text;

    CpuManagerPolicy(String text) {
        this.text = text;
    }

    /** The spelling in KubeletConfiguration. */
    public String text() {
        return text;
    }
}
