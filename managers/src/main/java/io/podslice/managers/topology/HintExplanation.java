package io.podslice.managers.topology;

import io.podslice.cgroups.CpuSet;
import java.util.List;
import java.util.OptionalInt;

/**
 * The candidates that the topology manager considered in one merging of hints, and why each lost.
 *
 * @param container the container in admission order; empty for the pod as a whole
 * @param asked the need of each resource, and the fewest NUMA nodes that could serve it on an empty machine
 * @param candidates sets of NUMA nodes in the kubelet's order, smallest first
 * @param more the number of further sets that are not listed, none of which would have been better
 * @param hint the merged hint
 * @param admits true if the policy admits that hint
 */
public record HintExplanation(
        OptionalInt container,
        List<Asked> asked,
        List<Candidate> candidates,
        long more,
        TopologyHint hint,
        boolean admits) {

    /**
     * The need of one resource.
     *
     * @param what amounts and resources, e.g. {@code memory 2Gi}
     * @param fewest the fewest NUMA nodes that could serve it; 0 where unknown
     */
    public record Asked(String what, int fewest) {}

    /**
     * A set of NUMA nodes, or all sets of a size that lost for the same reason.
     *
     * @param nodes empty for all sets of that size
     * @param size number of nodes
     * @param preferred true if every resource accepts and prefers the set
     * @param chosen true for the set that won
     * @param why the reason against the set; empty for the chosen one, unless it won only because there was no better
     */
    public record Candidate(CpuSet nodes, int size, boolean preferred, boolean chosen, String why) {}

    public HintExplanation {
        asked = List.copyOf(asked);
        candidates = List.copyOf(candidates);
    }

    static HintExplanation of(Merge merge, HintMerger merger) {
        return new HintReasons(merge, merger).explanation();
    }
}
