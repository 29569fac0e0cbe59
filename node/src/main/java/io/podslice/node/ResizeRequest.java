package io.podslice.node;

import io.podslice.managers.pod.ResourceRequirements;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A resize of a running pod, as the node API asks for it. Named amounts replace those that the pod has; all others
 * stay.
 *
 * @param namespace of the pod
 * @param name of the pod
 * @param pod the pod's own amounts of CPU and memory
 * @param containers amounts of CPU and memory by container name
 * @param priority of the pod: among pending resizes, the higher is tried first
 * @param dryRun true to only tell what would be written
 */
public record ResizeRequest(
        String namespace,
        String name,
        Optional<ResourceRequirements> pod,
        SortedMap<String, ResourceRequirements> containers,
        int priority,
        boolean dryRun) {

    public ResizeRequest {
        containers = Collections.unmodifiableSortedMap(new TreeMap<>(containers));
    }

    /** For messages: {@code namespace/name}. */
    public String fullName() {
        return namespace + "/" + name;
    }
}
