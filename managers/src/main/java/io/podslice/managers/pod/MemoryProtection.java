package io.podslice.managers.pod;

import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The values of a cgroup's memory.min, memory.low and memory.high, in bytes; a file whose value is empty keeps its
 * present value.
 *
 * @param minBytes never reclaimed
 * @param lowBytes reclaimed only when there is nothing else
 * @param highBytes above it the kernel throttles and reclaims
 */
public record MemoryProtection(OptionalLong minBytes, OptionalLong lowBytes, OptionalLong highBytes) {
    /** Nothing to write. */
    public static final MemoryProtection NONE =
            new MemoryProtection(OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty());

    /** The values of a new cgroup to which nothing has been written; the largest number is {@code max}. */
    public static final MemoryProtection UNSET = NONE.withMin(0).withLow(0).withHigh(Long.MAX_VALUE);

    public MemoryProtection withMin(long bytes) {
        return new MemoryProtection(OptionalLong.of(bytes), lowBytes, highBytes);
    }

    public MemoryProtection withLow(long bytes) {
        return new MemoryProtection(minBytes, OptionalLong.of(bytes), highBytes);
    }

    public MemoryProtection withHigh(long bytes) {
        return new MemoryProtection(minBytes, lowBytes, OptionalLong.of(bytes));
    }

    /** Returns the values by file name, without the files that keep their present values. */
    public SortedMap<String, Long> files() {
        SortedMap<String, Long> files = new TreeMap<>();
        minBytes.ifPresent(bytes -> files.put("memory.min", bytes));
        lowBytes.ifPresent(bytes -> files.put("memory.low", bytes));
        highBytes.ifPresent(bytes -> files.put("memory.high", bytes));
        return files;
    }
}
