package io.podslice.node.state;

import io.podslice.managers.pod.PodAnnotations;
import io.podslice.managers.pod.PodSpec;
import io.podslice.node.KnownPod;
import io.podslice.node.SpecSource;
import java.util.Map;
import java.util.Optional;

/**
 * The origin of a pod's spec, and what came with it.
 *
 * @param source the source that gave the spec
 * @param priority {@code spec.priority}; 0 where the source has none
 * @param generation the last {@code metadata.generation} whose resources the kubelet has allocated, as far as the source
 *     tells; 0 where it tells none
 * @param spec the desired spec as a source of the cluster gave it; empty for any other source. The allocated spec has the
 *     kubelet's numbers in its place
 */
public record Description(SpecSource source, int priority, long generation, Optional<PodSpec> spec) {

    /** The description of a pod whose own annotation gives its spec. */
    public static final Description ANNOTATION = new Description(SpecSource.ANNOTATION, 0, 0, Optional.empty());

    /** The description of a pod that nothing describes. */
    public static final Description CRI = new Description(SpecSource.CRI, 0, 0, Optional.empty());

    /** Returns the description that a source of the cluster gives. */
    public static Description of(KnownPod pod) {
        long allocated = pod.resizePending() ? pod.generation() - 1 : pod.generation();
        return new Description(pod.source(), pod.priority(), Math.max(0, allocated), Optional.of(pod.spec()));
    }

    /** Returns the description of a pod that no source of the cluster has told of, by its own annotations. */
    public static Description ofAnnotations(Map<String, String> annotations) {
        return annotations.containsKey(PodAnnotations.POD_SPEC) ? ANNOTATION : CRI;
    }

    /** Tells if a source of the cluster gave the spec. */
    public boolean isCluster() {
        return source.isCluster();
    }
}
