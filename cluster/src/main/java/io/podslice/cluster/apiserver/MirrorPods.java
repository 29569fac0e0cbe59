package io.podslice.cluster.apiserver;

import io.podslice.cluster.pod.PodMetadata;
import io.podslice.node.PodSandboxRequest;

/**
 * Static pods and the mirrors that the kubelet makes of them in the API server, under uids of their own. A mirror names its
 * static pod's uid in an annotation, which any author of a pod can write as well: it counts only for a sandbox that the
 * kubelet has marked as a static pod's, and that has the mirror's namespace and name.
 */
final class MirrorPods {
    /** On the kubelet's own copy of every pod, and so on its sandbox; the kubelet overwrites an author's. */
    private static final String SOURCE = "kubernetes.io/config.source";

    private MirrorPods() {}

    /** Tells if a sandbox is a static pod's. */
    static boolean isStatic(PodSandboxRequest pod) {
        String source = pod.annotations().getOrDefault(SOURCE, "");
        return source.equals("file") || source.equals("http");
    }

    /** Tells if an object is a sandbox's pod, or the mirror of its static pod. */
    static boolean isOf(PodMetadata object, PodSandboxRequest pod) {
        boolean isNamed =
                object.namespace().equals(pod.namespace()) && object.name().equals(pod.name());
        return isNamed
                && (object.mirrored().isEmpty()
                        ? object.uid().equals(pod.uid())
                        : isStatic(pod) && object.mirrored().get().equals(pod.uid()));
    }
}
