package io.podslice.cluster.apiserver;

import java.nio.ByteBuffer;

/** One event of a watch. */
sealed interface PodEvent {

    /**
     * A pod is new or has changed.
     *
     * @param pod encoded {@code k8s.io.api.core.v1.Pod}
     */
    record Changed(ByteBuffer pod) implements PodEvent {}

    /**
     * A pod is gone.
     *
     * @param pod as it was last, encoded
     */
    record Deleted(ByteBuffer pod) implements PodEvent {}

    /**
     * Nothing has changed up to a resource version.
     *
     * @param version the resource version
     * @param endsInitial true if the pods that were there when the watch began have all been sent
     */
    record Bookmark(String version, boolean endsInitial) implements PodEvent {}

    /** The watch has failed. */
    record Failed(Status status) implements PodEvent {}
}
