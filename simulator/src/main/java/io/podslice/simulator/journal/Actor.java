package io.podslice.simulator.journal;

import java.util.Locale;

/** A program that acts on a node. */
public enum Actor {
    KUBELET,
    PODSLICE,
    RUNTIME,
    SYSTEMD;

    /** Returns the actor's name in lower case, as reports print it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
