package io.podslice.managers.topology;

import io.podslice.cgroups.CpuSet;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * Which of two sets of NUMA nodes fits better: the smaller one; where asked, the one whose nodes are closer together; the
 * one that is the smaller number, read as a bit mask. The better one comes first.
 */
final class FitOrder implements Comparator<CpuSet> {
    /** Null where distances do not count. */
    private final @Nullable NumaNodes nodes;

    private FitOrder(@Nullable NumaNodes nodes) {
        this.nodes = nodes;
    }

    static FitOrder narrowest() {
        return new FitOrder(null);
    }

    /** Prefers nodes close together (prefer-closest-numa-nodes). */
    static FitOrder closest(NumaNodes nodes) {
        return new FitOrder(nodes.hasDistances() ? nodes : null);
    }

    boolean byDistance() {
        return nodes != null;
    }

    @Override
    public int compare(CpuSet a, CpuSet b) {
        int bySize = Integer.compare(a.size(), b.size());
        if (bySize != 0) {
            return bySize;
        }
        if (nodes != null) {
            int byDistance = Long.compare(nodes.totalDistance(a), nodes.totalDistance(b));
            if (byDistance != 0) {
                return byDistance;
            }
        }
        return Integer.compare(a.minus(b).last(), b.minus(a).last());
    }
}
