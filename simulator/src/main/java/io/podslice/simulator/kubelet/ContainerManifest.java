package io.podslice.simulator.kubelet;

/**
 * A container of a pod's spec.
 *
 * @param name its name in the pod
 * @param kind the list of the spec that it is in
 * @param image its image
 * @param wants its own requests and limits
 */
public record ContainerManifest(String name, Kind kind, String image, Wants wants) {

    /** A container's kind, which follows from the list of the spec that it is in. */
    public enum Kind {
        /** A container under {@code containers}. */
        APP,
        /** A container under {@code initContainers}, which runs to its end before the next one starts. */
        INIT,
        /**
         * A container under {@code initContainers} with {@code restartPolicy: Always}, which runs as long as the pod.
         */
        SIDECAR
    }
}
