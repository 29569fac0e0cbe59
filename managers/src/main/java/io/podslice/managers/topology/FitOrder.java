package io.podslice.managers.topology;

import io.podslice.cgroups.CpuSet;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * Orders sets of NUMA nodes by fit, the better one first: the smaller set; where asked, the set whose nodes are closer
 * together; the set that is the smaller number, read as a bit mask.
 */
final class FitOrder implements Comparator<CpuSet> {
    /** The nodes with their distances; null where distances do not count. */
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
