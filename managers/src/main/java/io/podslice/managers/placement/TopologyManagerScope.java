package io.podslice.managers.placement;

/** The kubelet's {@code topologyManagerScope}. */
public enum TopologyManagerScope {
    /** Each container is aligned by itself; pods have no set of their own. */
    CONTAINER("container"),
    /** The pod is aligned as a whole. */
    POD("pod");

    private final String text;

    TopologyManagerScope(String text) {
        this.text = text;
    }

    /** As KubeletConfiguration spells it. */
    public String text() {
        return text;
    }
}
