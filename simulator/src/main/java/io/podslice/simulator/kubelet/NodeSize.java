package io.podslice.simulator.kubelet;

import java.util.List;

/**
 * What the kubelet knows of its node.
 *
 * @param cpus number of online CPUs
 * @param memoryBytes all of its memory
 * @param hugePageSizes supported sizes as CRI names them: {@code 2MB}, {@code 1GB}
 */
public record NodeSize(int cpus, long memoryBytes, List<String> hugePageSizes) {

    public NodeSize {
        hugePageSizes = List.copyOf(hugePageSizes);
    }
}
