package io.podslice.node;

import java.util.Locale;

/** An entrance by which requests reach the brain. */
public enum Door {
    /** The CRI shim, in front of the runtime. */
    CRI,
    /** The NRI plugin, behind the runtime. */
    NRI;

    /** The door's name as metrics and log lines have it. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
