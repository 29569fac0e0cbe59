package io.podslice.node.memory;

import java.util.OptionalLong;

/**
 * What a cgroup's memory files say, in bytes; {@link Long#MAX_VALUE} is {@code max}. A file that is not there, because the
 * kernel does not know it or the controller is not enabled, is empty.
 *
 * @param max of memory.max
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
