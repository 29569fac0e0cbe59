package io.podslice.managers.placement;

/** The kubelet's {@code cpuManagerPolicyOptions} that are in force here. */
public enum CpuManagerPolicyOption {
    /** CPUs are given by whole cores only. */
    FULL_PCPUS_ONLY("full-pcpus-only"),
    /** Reserved CPUs are no part of the node shared pool. */
    STRICT_CPU_RESERVATION("strict-cpu-reservation");

    private final String text;

    CpuManagerPolicyOption(String text) {
        this.text = text;
    }

    /** As KubeletConfiguration spells it. */
    public String text() {
        return text;
    }
}
