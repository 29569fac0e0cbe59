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
 * @param guarded whether the runtime was ever told of memory protection by podslice: it tells the kernel with each update
 *     all that it was ever told
 */
public record ContainerState(
        long serial,
        String id,
        String name,
        ContainerKind kind,
        boolean inheritsCpu,
        boolean inheritsMemory,
        boolean guarded) {

    public ContainerState withId(String id) {
        return new ContainerState(serial, id, name, kind, inheritsCpu, inheritsMemory, guarded);
    }

    public ContainerState withInherited(boolean inheritsCpu, boolean inheritsMemory) {
        return new ContainerState(serial, id, name, kind, inheritsCpu, inheritsMemory, guarded);
    }

    public ContainerState withGuarded() {
        return new ContainerState(serial, id, name, kind, inheritsCpu, inheritsMemory, true);
    }
}
