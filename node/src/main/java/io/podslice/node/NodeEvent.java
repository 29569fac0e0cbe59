package io.podslice.node;

/** A fact that the runtime has created; nothing about it can be refused. */
public sealed interface NodeEvent {

    /** The sandbox's or container's id in the runtime. */
    String id();

    /** The runtime has stopped the sandbox and every container in it. */
    record SandboxStopped(String id) implements NodeEvent {}

    /** The runtime has removed the sandbox and every container in it. */
    record SandboxRemoved(String id) implements NodeEvent {}

    /** The runtime has started the container, or is about to start its process in the cgroup that it has made. */
    record ContainerStarted(String id) implements NodeEvent {}

    /** The runtime has stopped the container. */
    record ContainerStopped(String id) implements NodeEvent {}

    /** The runtime has removed the container. */
    record ContainerRemoved(String id) implements NodeEvent {}
}
