package io.podslice.agent.manifest;

import io.podslice.agent.yaml.Mark;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.ResourceList;
import java.util.Map;

/**
 * A pod as the API server would hand it to a node, as far as resources go.
 *
 * @param mark where its manifest begins
 * @param name its name; of one that only has {@code generateName}, one made from it
 * @param namespace {@code default} where the manifest gives none
 * @param uid the manifest's, else one that follows from name and namespace
 * @param spec with its defaults, checked; init containers and sidecars, then app containers, then ephemeral ones
 * @param overhead of its runtime class
 * @param isNodeCritical true if its priority class is system-node-critical
 * @param annotations all of them
 * @param exclusive what {@code podslice.io/exclusive.CONTAINER} says, by container
 * @param images by container; those that name none are absent
 */
public record Pod(
        Mark mark,
        String name,
        String namespace,
        String uid,
        PodSpec spec,
        ResourceList overhead,
        boolean isNodeCritical,
        Map<String, String> annotations,
        Map<String, Boolean> exclusive,
        Map<String, String> images) {

    public Pod {
        annotations = Map.copyOf(annotations);
        exclusive = Map.copyOf(exclusive);
        images = Map.copyOf(images);
    }

    /** Namespace and name, e.g. {@code default/web}. */
    public String fullName() {
        return namespace + "/" + name;
    }
}
