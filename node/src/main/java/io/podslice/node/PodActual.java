package io.podslice.node;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What the kernel has of a pod.
 *
 * @param pod its own cgroup
 * @param containers those of its containers that exist, by name
 */
public record PodActual(ActualResources pod, SortedMap<String, ActualResources> containers) {
    public PodActual {
        containers = Collections.unmodifiableSortedMap(new TreeMap<>(containers));
    }

    /** Of the container of that name; {@link ActualResources#NONE} while it does not exist. */
    public ActualResources container(String name) {
        return containers.getOrDefault(name, ActualResources.NONE);
    }
}
