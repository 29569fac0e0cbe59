package io.podslice.node;

import java.util.Locale;

/** An entrance by which requests reach the brain. */
public enum Door {
    /** The CRI shim, in front of the runtime. */
    CRI,
    /** The NRI plugin, behind the runtime. */
    NRI;

    /** Returns the door's name in metrics and log lines: {@code cri} or {@code nri}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
