package io.podslice.integration.crash;

import io.podslice.managers.pod.LinuxResources;

/**
 * An action of the kubelet, the runtime or a client on a node. A deed whose pod or container does not exist does
 * nothing.
 */
sealed interface Deed {
    /** Returns the name of the deed's pod. */
    String pod();

    /** The kubelet asks for the pod's sandbox. */
    record Admit(String pod, String spec, String parent) implements Deed {}

    /** The runtime has started the sandbox. */
    record Started(String pod) implements Deed {}

    /** The runtime could not start the sandbox. */
    record NotStarted(String pod) implements Deed {}

    /** The kubelet asks for a container. */
    record Create(String pod, String container) implements Deed {}

    /** The runtime has made the container, and starts it. */
    record Created(String pod, String container) implements Deed {}

    /** The runtime could not make the container. */
    record NotCreated(String pod, String container) implements Deed {}

    /** The kubelet changes the pod's budget. */
    record Resize(String pod, LinuxResources to) implements Deed {}

    /** A client of the node API resizes the pod and its first container: whole CPUs, GiB. */
    record ResizeSpec(String pod, int cpus, int gi, int first) implements Deed {}

    /** A container has ended and is removed. */
    record End(String pod, String container) implements Deed {}

    /** The pod is stopped. */
    record Stop(String pod) implements Deed {}

    /** The pod's sandbox is removed. */
    record Remove(String pod) implements Deed {}

    /** Cgroups are rewritten behind podslice's back. */
    record Disturb(Disturbance by) implements Deed {
        @Override
        public String pod() {
            return "";
        }
    }

    /** An event at which systemd writes attributes of its own accord. */
    enum Disturbance {
        /** {@code systemctl daemon-reload}. */
        RELOAD,
        /** {@code systemctl daemon-reexec}. */
        REEXEC,
        /** The kubelet sets the weights of the QoS classes. */
        MINUTE
    }

    /** Ten seconds have passed. */
    record Sweep(String pod) implements Deed {}
}
