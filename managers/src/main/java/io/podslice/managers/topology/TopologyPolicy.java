package io.podslice.managers.topology;

import java.util.Optional;

/** The topology manager's treatment of a hint that some resource does not prefer: {@code topologyManagerPolicy}. */
public enum TopologyPolicy {
    /** Asks for no hints. */
    NONE("none"),
    /** Admits any hint. */
    BEST_EFFORT("best-effort"),
    /** Admits only hints that every resource prefers. */
    RESTRICTED("restricted"),
    /** Admits only hints of one node that every resource prefers. */
    SINGLE_NUMA_NODE("single-numa-node");

    private final String text;

    TopologyPolicy(String text) {
        this.text = text;
    }

    /** The spelling in KubeletConfiguration. */
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
