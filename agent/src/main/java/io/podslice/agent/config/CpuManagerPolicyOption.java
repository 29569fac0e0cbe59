package io.podslice.agent.config;

import java.util.Optional;

/** Options of the static CPU manager policy. */
public enum CpuManagerPolicyOption {
    /** Whole cores only; else SMTAlignmentError. */
    FULL_PCPUS_ONLY("full-pcpus-only"),
    /** The shared pool never contains reserved CPUs. */
    STRICT_CPU_RESERVATION("strict-cpu-reservation"),
    /** As few L3 caches as possible. */
    PREFER_ALIGN_CPUS_BY_UNCORECACHE("prefer-align-cpus-by-uncorecache"),
    /** An even split where more than one NUMA node is needed. */
    DISTRIBUTE_CPUS_ACROSS_NUMA("distribute-cpus-across-numa"),
    /** Alignment to sockets instead of NUMA nodes. */
    ALIGN_BY_SOCKET("align-by-socket"),
    /** One thread of many cores rather than whole cores. */
    DISTRIBUTE_CPUS_ACROSS_CORES("distribute-cpus-across-cores");

    private final String text;

    CpuManagerPolicyOption(String text) {
        this.text = text;
    }

    /** What the placement makes of it; empty where this version does not act on it. */
    public Optional<io.podslice.managers.placement.CpuManagerPolicyOption> placement() {
        return switch (this) {
            case FULL_PCPUS_ONLY -> Optional.of(io.podslice.managers.placement.CpuManagerPolicyOption.FULL_PCPUS_ONLY);
            case STRICT_CPU_RESERVATION ->
                Optional.of(io.podslice.managers.placement.CpuManagerPolicyOption.STRICT_CPU_RESERVATION);
            case PREFER_ALIGN_CPUS_BY_UNCORECACHE,
                    DISTRIBUTE_CPUS_ACROSS_NUMA,
                    ALIGN_BY_SOCKET,
                    DISTRIBUTE_CPUS_ACROSS_CORES -> Optional.empty();
        };
    }

    /** As in KubeletConfiguration. */
    public String text() {
        return text;
    }
}
