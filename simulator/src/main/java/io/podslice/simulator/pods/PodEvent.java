package io.podslice.simulator.pods;

import io.podslice.proto.core.v1.Pod;

/**
 * A change of a pod, as the kubelet's status manager tells it.
 *
 * @param kind the kind of change
 * @param pod the pod, with its allocated spec; of one that has ended its name, namespace and uid alone
 */
public record PodEvent(Kind kind, Pod pod) {
    /** The kinds of changes. */
    public enum Kind {
        ADDED,
        MODIFIED,
        DELETED
    }
}
