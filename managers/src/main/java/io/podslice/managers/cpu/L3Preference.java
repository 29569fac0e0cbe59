package io.podslice.managers.cpu;

/** What is done to keep CPUs within L3 caches. */
public enum L3Preference {
    /** Nothing. */
    NONE,
    /**
     * After whole NUMA nodes and sockets, whole L3 caches, then one whose lowest cores hold exactly what is left
     * (prefer-align-cpus-by-uncorecache).
     */
    EXACT_FIT,
    /** The same, and where no L3 cache fits exactly, the one with the fewest free CPUs that are enough. */
    BEST_FIT
}
