package io.podslice.managers.placement;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The desired sizes of a pod's exclusive resources.
 *
 * @param cpus desired number of CPUs in the pod's set, at least 1
 * @param memoryBytes the pod's memory as a whole in bytes
 * @param slices desired number of exclusive CPUs by container name; other containers keep theirs
 * @param memory desired bytes of containers' own memory by container name; other containers keep theirs
 */
public record PodSizes(int cpus, long memoryBytes, SortedMap<String, Integer> slices, SortedMap<String, Long> memory) {
    public PodSizes {
        slices = Collections.unmodifiableSortedMap(new TreeMap<>(slices));
        memory = Collections.unmodifiableSortedMap(new TreeMap<>(memory));
    }

    /** Sizes of the pod as a whole alone. */
    public PodSizes(int cpus, long memoryBytes) {
        this(cpus, memoryBytes, Collections.emptySortedMap(), Collections.emptySortedMap());
    }

    /** The present sizes of a pod. */
    public static PodSizes of(PodPlacement pod) {
        return new PodSizes(pod.ofPod().size(), pod.memoryBytes());
    }

    /** Returns these sizes with another desired number of exclusive CPUs of a container. */
    public PodSizes withSlice(String container, int cpus) {
        SortedMap<String, Integer> sizes = new TreeMap<>(slices);
        sizes.put(container, cpus);
        return new PodSizes(this.cpus, memoryBytes, sizes, memory);
    }
}
