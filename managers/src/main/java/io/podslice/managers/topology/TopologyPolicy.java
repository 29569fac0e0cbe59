package io.podslice.managers.topology;

import java.util.Optional;

/** What the topology manager does with a hint that no resource prefers: {@code topologyManagerPolicy}. */
public enum TopologyPolicy {
    /** Asks for no hints. */
    NONE("none"),
    /** Admits whatever comes out. */
    BEST_EFFORT("best-effort"),
    /** Admits only what every resource prefers. */
    RESTRICTED("restricted"),
    /** Admits only what every resource prefers and lies on one node. */
    SINGLE_NUMA_NODE("single-numa-node");

    private final String text;

    TopologyPolicy(String text) {
        this.text = text;
    }

    /** As in KubeletConfiguration. */
    public String text() {
        return text;
    }

    public static Optional<TopologyPolicy> of(String text) {
        for (TopologyPolicy policy : values()) {
            if (policy.text.equals(text)) {
                return Optional.of(policy);
            }
        }
        return Optional.empty();
    }

    boolean admits(TopologyHint hint) {
        return switch (this) {
            case NONE, BEST_EFFORT -> true;
            case RESTRICTED, SINGLE_NUMA_NODE -> hint.preferred();
        };
    }
}
