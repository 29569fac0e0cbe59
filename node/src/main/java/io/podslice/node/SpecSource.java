package io.podslice.node;

/** A source of a pod's spec: of its containers and their kinds, requests and resize policies. */
public enum SpecSource {
    /** The kubelet's Pods API. */
    PODS_API("podsAPI"),
    /** The API server. */
    API_SERVER("apiServer"),
    /** The folder of static pods' manifests from which the kubelet reads them. */
    STATIC_PODS("staticPods"),
    /** The pod's own annotation, which comes with its sandbox. */
    ANNOTATION("annotation"),
    /** CRI's values alone: nothing gives the pod's spec. */
    CRI("cri");

    private final String text;

    SpecSource(String text) {
        this.text = text;
    }

    /** Returns the name in the configuration, the state file, and everything that is printed. */
    public String text() {
        return text;
    }

    /** Tells if the component that accounts for pods is the source, and not the pod's own author. */
    public boolean isCluster() {
        return this == PODS_API || this == API_SERVER || this == STATIC_PODS;
    }
}
