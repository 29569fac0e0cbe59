package io.podslice.managers.topology;

import java.util.List;

/** The NUMA nodes that could serve one resource. */
public sealed interface ResourceHints permits ResourceHints.NoPreference, ResourceHints.Listed, NumaSupply {

    /** Any NUMA nodes serve the resource equally well. */
    record NoPreference() implements ResourceHints {}

    /**
     * Every set of nodes that would do, one by one.
     *
     * @param hints in any order; none if the resource cannot be had at all
     */
    record Listed(List<TopologyHint> hints) implements ResourceHints {
        public Listed {
            hints = List.copyOf(hints);
        }
    }

    ResourceHints ANY = new NoPreference();

    /** No set of nodes can serve the resource. */
    ResourceHints NONE = new Listed(List.of());
}
