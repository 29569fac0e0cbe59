package io.podslice.node;

import io.podslice.managers.pod.PodSpec;

/**
 * A pod as one of the cluster's sources describes it.
 *
 * @param source the source
 * @param uid the uid by which CRI knows the pod: of a static pod that of its manifest, never that of its mirror
 * @param namespace Kubernetes namespace
 * @param name pod name
 * @param spec its desired spec, with the API server's defaults
 * @param priority {@code spec.priority}; 0 where there is none
 * @param generation {@code metadata.generation}, which rises with each change of the spec; 0 where the source has none
 * @param resizePending true while the kubelet has not allocated the spec's resources: it has set the condition
 *     PodResizePending
 * @param ended true if its phase is Succeeded or Failed
 */
public record KnownPod(
        SpecSource source,
        String uid,
        String namespace,
        String name,
        PodSpec spec,
        int priority,
        long generation,
        boolean resizePending,
        boolean ended) {}
