package io.podslice.managers.cpu;

/** The order in which CPUs are taken from a NUMA node or socket that is not taken whole. */
public enum CpuSorting {
    /** Whole cores first, then the CPUs of the cores with the fewest free ones. */
    PACKED,
    /** In order of CPU number, socket by socket: with the usual numbering, one thread of each core first. */
    SPREAD
}
