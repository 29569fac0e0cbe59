package io.podslice.simulator.kubelet;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A pod that has been started.
 *
 * @param manifest the pod's present manifest
 * @param sandboxId the id of its sandbox
 * @param containerIds ids by container name, in the order of their start
 */
public record RunningPod(PodManifest manifest, String sandboxId, Map<String, String> containerIds) {

    public RunningPod {
        containerIds = Collections.unmodifiableMap(new LinkedHashMap<>(containerIds));
    }

    /** Returns the id of the container of that name. */
    public String containerId(String name) {
        String id = containerIds.get(name);
        if (id == null) {
            throw new IllegalArgumentException(manifest.name() + " runs no container " + name);
        }
        return id;
    }
}
