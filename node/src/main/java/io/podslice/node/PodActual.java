package io.podslice.node;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The actual values of a pod and its containers, from their cgroups' files.
 *
 * @param pod values of the pod's own cgroup
 * @param containers values of each container that the runtime has made, by name
 */
public record PodActual(ActualResources pod, SortedMap<String, ActualResources> containers) {
    public PodActual {
        containers = Collections.unmodifiableSortedMap(new TreeMap<>(containers));
    }

    /** Returns the values of the container of that name; {@link ActualResources#NONE} if it does not exist. */
    public ActualResources container(String name) {
        return containers.getOrDefault(name, ActualResources.NONE);
    }
}
