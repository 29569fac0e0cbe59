package io.podslice.node.state;

import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceName;

/**
 * A container of a pod, from its creation until it is stopped or removed.
 *
 * @param serial tells containers of one name apart
 * @param id the runtime's id; empty until the runtime has answered
 * @param name its name in the pod spec
 * @param kind its kind: init containers run before the others, an ephemeral one has no resources
 * @param inheritsCpu true if its CPU limit is the pod's
 * @param inheritsMemory true if its memory limit is the pod's
 * @param guarded true if podslice ever told the runtime of memory protection for it: the runtime repeats to the kernel
 *     with each update all that it was ever told
 */
public record ContainerState(
        long serial,
        String id,
        String name,
        ContainerKind kind,
        boolean inheritsCpu,
        boolean inheritsMemory,
        boolean guarded) {

    /** Returns the container with the id that the runtime has given it. */
    public ContainerState withId(String id) {
        return new ContainerState(serial, id, name, kind, inheritsCpu, inheritsMemory, guarded);
    }

    /**
     * Returns the container with the inheritance that a spec leaves it: where it has no limit of its own and the pod as a
     * whole has one. A container that the spec does not name stays as it is.
     */
    ContainerState inheriting(PodSpec allocated) {
        ContainerSpec spec = allocated.container(name).orElse(null);
        if (spec == null) {
            return this;
        }
        ResourceList own = spec.resources().limits();
        ResourceList ofPod = allocated.resources().limits();
        return new ContainerState(
                serial,
                id,
                name,
                kind,
                inherits(own, ofPod, ResourceName.CPU),
                inherits(own, ofPod, ResourceName.MEMORY),
                guarded);
    }

    private static boolean inherits(ResourceList own, ResourceList ofPod, ResourceName resource) {
        return own.get(resource).signum() == 0 && ofPod.get(resource).signum() > 0;
    }

    /** Returns the container after the runtime was told of memory protection for it. */
    public ContainerState withGuarded() {
        return new ContainerState(serial, id, name, kind, inheritsCpu, inheritsMemory, true);
    }
}
