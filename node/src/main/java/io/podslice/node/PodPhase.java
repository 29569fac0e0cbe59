package io.podslice.node;

/** A phase of a pod's life. */
public enum PodPhase {
    /** Admitted; the runtime has not said yet that its sandbox runs. */
    STARTING,
    /** Admitted by a podslice that was killed before the runtime answered: its sandbox may run or not. */
    UNCONFIRMED,
    /** Its sandbox runs. */
    RUNNING,
    /** Its sandbox was stopped; it has no CPUs any more. */
    STOPPED;

    /**
     * Tells if the runtime may make the pod's sandbox at any moment, or may have made it without podslice having heard.
     */
    public boolean awaitsSandbox() {
        return this == STARTING || this == UNCONFIRMED;
    }
}
