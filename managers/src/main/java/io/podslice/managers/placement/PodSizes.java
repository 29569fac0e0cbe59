package io.podslice.managers.placement;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How much a pod shall have of what it has for itself.
 *
 * @param cpus how many CPUs the pod's set shall have, at least 1
 * @param memoryBytes the pod's memory as a whole
 * @param slices how many CPUs containers shall have for themselves, by name; others keep what they have
 * @param memory bytes that containers shall have by themselves, by name; others keep what they have
 */
public record PodSizes(int cpus, long memoryBytes, SortedMap<String, Integer> slices, SortedMap<String, Long> memory) {
    public PodSizes {
        slices = Collections.unmodifiableSortedMap(new TreeMap<>(slices));
        memory = Collections.unmodifiableSortedMap(new TreeMap<>(memory));
    }

    /** Of the pod as a whole alone. */
    public PodSizes(int cpus, long memoryBytes) {
        this(cpus, memoryBytes, Collections.emptySortedMap(), Collections.emptySortedMap());
    }

    /** What a pod has. */
    public static PodSizes of(PodPlacement pod) {
        return new PodSizes(pod.ofPod().size(), pod.memoryBytes());
    }
}
