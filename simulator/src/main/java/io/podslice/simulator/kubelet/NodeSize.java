package io.podslice.simulator.kubelet;

import java.util.List;

/**
 * A node's size, as its kubelet knows it.
 *
 * @param cpus number of online CPUs
 * @param memoryBytes all of its memory, in bytes
 * @param hugePageSizes supported sizes as CRI names them: {@code 2MB}, {@code 1GB}
 */
public record NodeSize(int cpus, long memoryBytes, List<String> hugePageSizes) {

    public NodeSize {
        hugePageSizes = List.copyOf(hugePageSizes);
    }
}
