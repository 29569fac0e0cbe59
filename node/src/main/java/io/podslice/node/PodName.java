package io.podslice.node;

/**
 * A pod's name in the cluster.
 *
 * @param uid the uid by which CRI knows the pod; empty where it is not known
 * @param namespace Kubernetes namespace; empty for a pod that was found by its cgroup alone
 * @param name pod name
 */
public record PodName(String uid, String namespace, String name) {

    /** Stands for no pod, such as that of a cgroup above all pods. */
    public static final PodName NONE = new PodName("", "", "");

    /** Returns {@code namespace/name}, for messages. */
    public String fullName() {
        return namespace + "/" + name;
    }
}
