package io.podslice.node.state;

/** The cgroups that a sweep looks at. */
public enum Extent {
    /** A few, the next few on each sweep, so that it costs the same whatever the number of pods. */
    SOME,

    /** Every one. */
    ALL
}
