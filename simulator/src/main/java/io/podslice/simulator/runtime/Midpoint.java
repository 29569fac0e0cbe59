package io.podslice.simulator.runtime;

/** The place in a call's work where a planned fault strikes. */
interface Midpoint {

    /** Throws where a fault was planned; the work so far is undone by the caller. */
    void reached();
}
