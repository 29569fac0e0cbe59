package io.podslice.cluster;

import java.nio.file.Path;
import java.util.Optional;

/**
 * The sources of pods' specs and devices that are opened.
 *
 * @param podsApi path of the socket of the kubelet's Pods API; empty: it is not asked
 * @param podResources path of the socket of the kubelet's PodResources; empty: devices are not looked up
 */
public record ClusterOptions(Optional<Path> podsApi, Optional<Path> podResources) {

    /** Opens nothing: what pods ask for comes with their sandboxes. */
    public static final ClusterOptions NONE = new ClusterOptions(Optional.empty(), Optional.empty());
}
