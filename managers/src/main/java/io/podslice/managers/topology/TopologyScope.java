package io.podslice.managers.topology;

import java.util.Optional;

/** The unit of alignment, container or pod: {@code topologyManagerScope}. */
public enum TopologyScope {
    CONTAINER("container"),
    POD("pod");

    private final String text;

    TopologyScope(String text) {
        this.text = text;
    }

    /** The spelling in KubeletConfiguration. */
    public String text() {
        return text;
    }

    public static Optional<TopologyScope> of(String text) {
        for (TopologyScope scope : values()) {
            if (scope.text.equals(text)) {
                return Optional.of(scope);
            }
        }
        return Optional.empty();
    }
}
