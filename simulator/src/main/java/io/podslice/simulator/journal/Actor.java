package io.podslice.simulator.journal;

import java.util.Locale;

/** Who does things to a node. */
public enum Actor {
    KUBELET,
    PODSLICE,
    RUNTIME;

    /** In lower case, as people are told. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
