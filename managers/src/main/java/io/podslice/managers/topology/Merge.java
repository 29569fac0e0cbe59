package io.podslice.managers.topology;

import java.util.List;
import java.util.OptionalInt;

/**
 * One merging of hints, as it happened.
 *
 * @param container for which of the pod's containers; empty for the pod as a whole
 * @param said what the resources said; nothing under policy none
 * @param hint what came of it
 * @param admits whether the policy is content with that
 */
public record Merge(OptionalInt container, List<ResourceHints> said, TopologyHint hint, boolean admits) {
    public Merge {
        said = List.copyOf(said);
    }
}
