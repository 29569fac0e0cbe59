package io.podslice.managers.placement;

/** The kubelet's {@code cpuManagerPolicy}. */
public enum CpuManagerPolicy {
    /** Nobody gets CPUs of their own. */
    NONE("none"),
    /** Guaranteed pods and containers with whole CPUs get CPUs of their own. */
    STATIC("static");

    private final String text;

    CpuManagerPolicy(String text) {
        this.text = text;
    }

    /** As KubeletConfiguration spells it. */
    public String text() {
        return text;
    }
}
