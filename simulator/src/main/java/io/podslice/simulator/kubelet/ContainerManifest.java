package io.podslice.simulator.kubelet;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * A container of a pod's spec.
 *
 * @param name its name in the pod
 * @param kind the list of the spec that it is in
 * @param image its image
 * @param wants its own requests and limits
 * @param restartedFor the resources whose resize restarts it, of {@code cpu} and {@code memory}; its resizePolicy
 * @param devices the number of devices by resource name, e.g. 1 {@code example.com/gpu}
 */
public record ContainerManifest(
        String name, Kind kind, String image, Wants wants, Set<String> restartedFor, Map<String, Integer> devices) {

    public ContainerManifest {
        restartedFor = Set.copyOf(restartedFor);
        devices = Map.copyOf(devices);
    }

    /** A container without devices that no resize restarts. */
    public ContainerManifest(String name, Kind kind, String image, Wants wants) {
        this(name, kind, image, wants, Set.of(), Map.of());
    }

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

    /** Returns the container with other requests and limits. */
    public ContainerManifest resizedTo(Wants other) {
        return new ContainerManifest(name, kind, image, other, restartedFor, devices);
    }

    /** Returns the container with so many devices of a resource besides its others. */
    public ContainerManifest withDevices(String resource, int number) {
        Map<String, Integer> more = new HashMap<>(devices);
        more.put(resource, number);
        return new ContainerManifest(name, kind, image, wants, restartedFor, more);
    }
}
