package io.podslice.node;

import io.podslice.managers.topology.HintExplanation;
import java.util.List;

/**
 * The reasons for the place that a pod would get.
 *
 * @param origin the source of its spec, and what the sources said
 * @param hints the NUMA nodes that the topology manager considers, in order: for the pod, or for each container
 */
public record PodExplanation(PodOrigin origin, List<HintExplanation> hints) {

    public PodExplanation {
        hints = List.copyOf(hints);
    }
}
