package io.podslice.agent.config;

/** The policies by which requested memory is protected from reclaim (KEP-2570). */
public enum MemoryReservationPolicy {
    NONE("None"),
    /** memory.min for Guaranteed pods, memory.low for Burstable ones. */
    TIERED_RESERVATION("TieredReservation");

    private final String text;

    MemoryReservationPolicy(String text) {
        this.text = text;
    }

    /** The policy's name in KubeletConfiguration. */
    public String text() {
        return text;
    }
}
