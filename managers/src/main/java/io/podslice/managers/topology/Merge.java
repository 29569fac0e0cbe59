package io.podslice.managers.topology;

import java.util.List;
import java.util.OptionalInt;

/**
 * One merging of hints, as it happened.
 *
 * @param container the container in admission order; empty for the pod as a whole
 * @param said the hints of the resources; empty under policy none
 * @param hint the merged hint
 * @param admits true if the policy admits that hint
 */
public record Merge(OptionalInt container, List<ResourceHints> said, TopologyHint hint, boolean admits) {
    public Merge {
        said = List.copyOf(said);
    }
}
