package io.podslice.node.memory;

import io.podslice.managers.pod.MemoryProtection;
import java.util.OptionalLong;

/** The memory interface files of a cgroup that podslice writes, in the order in which values are lowered. */
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

    /** Returns the file's name. */
    String text() {
        return text;
    }

    /** Returns the value of a file that was never written to; {@link Long#MAX_VALUE} is {@code max}. */
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
