package io.podslice.node;

import io.podslice.managers.pod.LinuxResources;
import io.podslice.managers.pod.PodAnnotations;
import java.util.Map;

/**
 * A pod sandbox as a door knows it: the parts of CRI's PodSandboxConfig that decide resources.
 *
 * @param uid the pod's uid; the key of everything podslice knows of the pod
 * @param namespace Kubernetes namespace
 * @param name pod name
 * @param attempt 0 for the pod's first sandbox
 * @param cgroupParent {@code linux.cgroup_parent} as sent, not checked yet; may be empty
 * @param labels pod labels
 * @param annotations pod annotations
 * @param resources {@code linux.resources}: the pod's, without overhead
 * @param overhead {@code linux.overhead}
 */
public record PodSandboxRequest(
        String uid,
        String namespace,
        String name,
        long attempt,
        String cgroupParent,
        Map<String, String> labels,
        Map<String, String> annotations,
        LinuxResources resources,
        LinuxResources overhead) {

    public PodSandboxRequest {
        labels = Map.copyOf(labels);
        annotations = Map.copyOf(annotations);
    }

    /** Tells if an annotation of the pod asks something of podslice. */
    public boolean asks() {
        for (String annotation : annotations.keySet()) {
            if (PodAnnotations.isOwn(annotation)) {
                return true;
            }
        }
        return false;
    }

    /** Returns this request with another {@code linux.cgroup_parent}. */
    public PodSandboxRequest in(String parent) {
        return new PodSandboxRequest(uid, namespace, name, attempt, parent, labels, annotations, resources, overhead);
    }
}
