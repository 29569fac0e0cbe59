package io.podslice.managers.topology;

import io.podslice.cgroups.CpuSet;
import java.util.List;
import java.util.OptionalInt;

/**
 * What the topology manager considered in one merging of hints, and why each candidate lost.
 *
 * @param container for which of the pod's containers, in admission order; empty for the pod as a whole
 * @param asked what each resource needs, and the fewest NUMA nodes that could do on an empty machine
 * @param candidates sets of NUMA nodes in the kubelet's order, smallest first
 * @param more how many further sets there are that are not listed, none of which would have been better
 * @param hint what came of it
 * @param admits whether the policy is content with that
 */
public record HintExplanation(
        OptionalInt container,
        List<Asked> asked,
        List<Candidate> candidates,
        long more,
        TopologyHint hint,
        boolean admits) {

    /**
     * What one resource needs.
     *
     * @param what amounts and resources, e.g. {@code memory 2Gi}
     * @param fewest NUMA nodes; 0 where it does not say
     */
    public record Asked(String what, int fewest) {}

    /**
     * A set of NUMA nodes, or all sets of a size that lost for the same reason.
     *
     * @param nodes empty for all sets of that size
     * @param size how many nodes
     * @param preferred whether every resource would have it, and prefers it
     * @param chosen whether it is the one
     * @param why what speaks against it; empty for the chosen one, unless it was taken for want of a better
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
