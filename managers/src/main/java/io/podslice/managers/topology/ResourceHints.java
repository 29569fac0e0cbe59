package io.podslice.managers.topology;

import java.util.List;

/** What one resource says about the NUMA nodes that it could come from. */
public sealed interface ResourceHints permits ResourceHints.NoPreference, ResourceHints.Listed, NumaSupply {

    /** It does not matter where it comes from. */
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

    /** The resource cannot be had, from whatever nodes. */
    ResourceHints NONE = new Listed(List.of());
}
