package io.podslice.managers.resize;

import io.podslice.managers.pod.ResourceName;

/** One of the steps in which a resize is written. */
public sealed interface ResizeStep {

    /** {@code cpu} or {@code memory}. */
    ResourceName resource();

    /** The limit of the pod's cgroup: cpu.max or memory.max. */
    record PodLimit(ResourceName resource) implements ResizeStep {}

    /** The request of the pod's cgroup: cpu.weight, or the memory protection (memory.min, memory.low, memory.high). */
    record PodRequest(ResourceName resource) implements ResizeStep {}

    /** All values of the resource in the cgroup of a container. */
    record Container(ResourceName resource, String name) implements ResizeStep {}
}
