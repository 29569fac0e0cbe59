package io.podslice.node;

import io.podslice.cgroups.CgroupFiles;
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

    static PodActual read(CgroupFiles files, NodeView.PodView pod) {
        SortedMap<String, ActualResources> containers = new TreeMap<>();
        for (NodeView.ContainerView container : pod.containers()) {
            if (!container.id().isEmpty()) {
                containers.put(
                        container.name(),
                        ActualResources.ofContainer(files, pod.cgroup().child(container.id())));
            }
        }
        return new PodActual(ActualResources.ofPod(files, pod.cgroup()), containers);
    }

    /** Of the container of that name; {@link ActualResources#NONE} while it does not exist. */
    public ActualResources container(String name) {
        return containers.getOrDefault(name, ActualResources.NONE);
    }
}
