package io.podslice.simulator.kubelet;

/**
 * A container of a pod's spec.
 *
 * @param name its name in the pod
 * @param kind where the spec lists it
 * @param image its image
 * @param wants its own resources
 */
public record ContainerManifest(String name, Kind kind, String image, Wants wants) {

    /** Where a pod's spec lists a container. */
    public enum Kind {
        /** Under {@code containers}. */
        APP,
        /** Under {@code initContainers}: runs to its end before the next. */
        INIT,
        /** Under {@code initContainers} with {@code restartPolicy: Always}: runs along with the pod. */
        SIDECAR
    }
}
