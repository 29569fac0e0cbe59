package io.podslice.node.state;

import io.podslice.managers.pod.ContainerKind;

/**
 * A container of a pod, from its creation until it is stopped or removed.
 *
 * @param serial tells containers of one name apart
 * @param id the runtime's id; empty until the runtime has answered
 * @param name in the pod spec
 * @param inheritsCpu whether its CPU limit is the pod's
 * @param inheritsMemory whether its memory limit is the pod's
 */
public record ContainerState(
        long serial, String id, String name, ContainerKind kind, boolean inheritsCpu, boolean inheritsMemory) {

    public ContainerState withId(String id) {
        return new ContainerState(serial, id, name, kind, inheritsCpu, inheritsMemory);
    }

    public ContainerState withInherited(boolean inheritsCpu, boolean inheritsMemory) {
        return new ContainerState(serial, id, name, kind, inheritsCpu, inheritsMemory);
    }
}
