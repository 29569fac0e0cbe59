package io.podslice.managers.topology;

import io.podslice.cgroups.CpuSet;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * Which of several merged hints is kept: a preferred one before any other; of those the best fit. Of the others one with
 * {@code wanted} nodes, else the largest below that, else the smallest above; then the best fit.
 *
 * @param fit order among sets of nodes
 * @param wanted nodes that the most demanding resource needs at least, by what is available
 */
record HintSelection(FitOrder fit, int wanted) {

    /** The better of two hints; sets without nodes are never kept, and on a tie the current one is. */
    @Nullable
    TopologyHint better(@Nullable TopologyHint current, TopologyHint candidate) {
        CpuSet nodes = candidate.affinity();
        if (nodes == null || nodes.isEmpty()) {
            return current;
        }
        CpuSet kept = current == null ? null : current.affinity();
        if (current == null || kept == null) {
            return candidate;
        }
        if (current.preferred() != candidate.preferred()) {
            return current.preferred() ? current : candidate;
        }
        int order = current.preferred()
                ? fit.compare(nodes, kept)
                : Comparator.comparingInt(this::missesBy).thenComparing(fit).compare(nodes, kept);
        return order < 0 ? candidate : current;
    }

    /** 0 for the wanted size, then by how far below it, and above it only after all of those. */
    private int missesBy(CpuSet nodes) {
        int over = nodes.size() - wanted;
        return over <= 0 ? -over : Integer.MAX_VALUE;
    }
}
