package io.podslice.node.memory;

import io.podslice.cgroups.CgroupFile;
import io.podslice.managers.pod.MemoryProtection;
import java.util.OptionalLong;

/** The memory interface files of a cgroup that podslice writes, in the order in which values are lowered. */
enum MemoryFile {
    MIN(CgroupFile.MEMORY_MIN, 0),
    LOW(CgroupFile.MEMORY_LOW, 0),
    HIGH(CgroupFile.MEMORY_HIGH, Long.MAX_VALUE);

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
