package io.podslice.node.state;

import io.podslice.cgroups.CgroupPath;
import java.util.Map;

/**
 * A pod's identity, from its admission until it is dropped; a resize never changes it.
 *
 * @param uid the pod's uid, its key
 * @param namespace its namespace; empty for a pod that was found by its cgroup alone
 * @param name its name in the namespace; the name of its cgroup for a pod that was found by that
 * @param cgroup the pod's cgroup
 * @param madeCgroup true if podslice made that cgroup, and so removes it
 * @param annotations podslice's own annotations of the pod, as given; empty where it has none
 */
public record PodIdentity(
        String uid,
        String namespace,
        String name,
        CgroupPath cgroup,
        boolean madeCgroup,
        Map<String, String> annotations) {

    public PodIdentity {
        annotations = Map.copyOf(annotations);
    }

    /** Returns {@code namespace/name}, for messages. */
    public String fullName() {
        return namespace + "/" + name;
    }
}
