package io.podslice.node.memory;

import java.util.OptionalLong;

/**
 * The present values of a cgroup's memory files in bytes; {@link Long#MAX_VALUE} is {@code max}. A file that does not
 * exist, because the kernel does not know it or the controller is not enabled, is empty.
 *
 * @param min value of memory.min
 * @param low value of memory.low
 * @param high value of memory.high
 * @param max value of memory.max
 */
public record PresentMemory(OptionalLong min, OptionalLong low, OptionalLong high, OptionalLong max) {

    OptionalLong of(MemoryFile file) {
        return switch (file) {
            case MIN -> min;
            case LOW -> low;
            case HIGH -> high;
        };
    }
}
