package io.podslice.node.state;

/** Where a pod is in its life. */
public enum PodPhase {
    /** Admitted; the runtime has not said yet that its sandbox runs. */
    STARTING,
    /** Its sandbox runs. */
    RUNNING,
    /** Its sandbox was stopped; it has no CPUs any more. */
    STOPPED
}
