package io.podslice.node.state;

/** The cgroups that a sweep looks at. */
public enum Extent {
    /** A few pods, the next ones on each sweep, so that its cost does not grow with the number of pods. */
    SOME,

    /** Every one. */
    ALL
}
