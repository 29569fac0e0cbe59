package io.podslice.managers.cpu;

/** The preference for CPUs within L3 caches. */
public enum L3Preference {
    /** No preference. */
    NONE,
    /**
     * Takes, after whole NUMA nodes and sockets, whole L3 caches, then one whose lowest cores hold exactly the
     * remainder (prefer-align-cpus-by-uncorecache).
     */
    EXACT_FIT,
    /**
     * Takes caches as EXACT_FIT does, and where none fits exactly, the one with the fewest free CPUs that are enough.
     */
    BEST_FIT
}
