package io.podslice.node;

/** Where a pod is in its life. */
public enum PodPhase {
    /** Admitted; the runtime has not said yet that its sandbox runs. */
    STARTING,
    /** Admitted by a podslice that was killed before the runtime answered: its sandbox may run or not. */
    UNCONFIRMED,
    /** Its sandbox runs. */
    RUNNING,
    /** Its sandbox was stopped; it has no CPUs any more. */
    STOPPED;

    /** Whether the sandbox may come any time, or be there unheard of. */
    public boolean awaitsSandbox() {
        return this == STARTING || this == UNCONFIRMED;
    }
}
