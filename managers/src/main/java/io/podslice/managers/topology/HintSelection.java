package io.podslice.managers.topology;

import io.podslice.cgroups.CpuSet;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * Selects the best of several merged hints: a preferred one before any other, and among the preferred ones the best
 * fit; among the others one with {@code wanted} nodes, else the largest below that, else the smallest above; then the
 * best fit.
 *
 * @param fit order among sets of nodes
 * @param wanted the fewest nodes that the most demanding resource needs, by the hints available
 */
record HintSelection(FitOrder fit, int wanted) {

    /** Returns the better of two hints; a set without nodes never wins, and on a tie the current one stays. */
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

    /** Returns 0 for the wanted size, then the distance below it, and sizes above it only after all of those. */
    private int missesBy(CpuSet nodes) {
        int over = nodes.size() - wanted;
        return over <= 0 ? -over : Integer.MAX_VALUE;
    }
}
