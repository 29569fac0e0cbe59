package io.podslice.node.memory;

import io.podslice.managers.pod.MemoryProtection;
import java.util.OptionalLong;

/** The memory interface files of a cgroup that podslice keeps, from the weakest bound to the strongest. */
enum MemoryFile {
    MIN("memory.min", 0),
    LOW("memory.low", 0),
    HIGH("memory.high", Long.MAX_VALUE);

    private final String text;
    private final long unset;

    MemoryFile(String text, long unset) {
        this.text = text;
        this.unset = unset;
    }

    /** The file's name. */
    String text() {
        return text;
    }

    /** What it says where nobody has written to it; {@link Long#MAX_VALUE} is {@code max}. */
    long unset() {
        return unset;
    }

    OptionalLong of(MemoryProtection values) {
        return switch (this) {
            case MIN -> values.minBytes();
            case LOW -> values.lowBytes();
            case HIGH -> values.highBytes();
        };
    }
}
