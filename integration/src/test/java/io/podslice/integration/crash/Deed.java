package io.podslice.integration.crash;

import io.podslice.managers.pod.LinuxResources;

/** Something that the kubelet, the runtime or somebody else does on a node. One for which nothing is there does nothing. */
sealed interface Deed {
    /** The pod that it is about. */
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

    /** The kubelet gives the pod another budget. */
    record Resize(String pod, LinuxResources to) implements Deed {}

    /** A container has ended and is removed. */
    record End(String pod, String container) implements Deed {}

    /** The pod is stopped. */
    record Stop(String pod) implements Deed {}

    /** The pod's sandbox is removed. */
    record Remove(String pod) implements Deed {}

    /** Ten seconds have passed. */
    record Sweep(String pod) implements Deed {}
}
