package io.podslice.simulator.runtime;

/** The place in a call's work where a planned fault strikes. */
interface Midpoint {

    /** Throws if a fault was planned for the call; the caller then undoes the work so far. */
    void reached();
}
