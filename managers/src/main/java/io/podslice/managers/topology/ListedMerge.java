package io.podslice.managers.topology;

import io.podslice.cgroups.CpuSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Merges lists of hints as the kubelet does, without walking their cross product.
 *
 * <p>A combination of one hint of each resource is preferred if all its hints are and all their sets of nodes are equal:
 * so a preferred result is a set that every resource prefers. Otherwise only the sets that can come out of intersecting
 * matter, and these are folded together resource by resource.
 */
final class ListedMerge {
    private final CpuSet all;
    private final FitOrder fit;

    /** @param all the machine's NUMA nodes */
    ListedMerge(CpuSet all, FitOrder fit) {
        this.all = all;
        this.fit = fit;
    }

    /** Returns the best hint; all nodes, not preferred, where no combination is left. */
    TopologyHint merge(List<List<TopologyHint>> resources) {
        HintSelection selection = new HintSelection(fit, wanted(resources));
        TopologyHint best = null;
        for (CpuSet nodes : preferredByAll(resources)) {
            best = selection.better(best, new TopologyHint(nodes, true));
        }
        if (best == null) {
            for (CpuSet nodes : intersections(resources)) {
                best = selection.better(best, new TopologyHint(nodes, false));
            }
        }
        return best == null ? new TopologyHint(all, false) : best;
    }

    private Set<CpuSet> preferredByAll(List<List<TopologyHint>> resources) {
        Set<CpuSet> candidates = new HashSet<>();
        boolean allContent = true;
        for (List<TopologyHint> hints : resources) {
            for (TopologyHint hint : hints) {
                CpuSet nodes = hint.affinity();
                if (hint.preferred() && nodes != null) {
                    candidates.add(nodes);
                }
            }
            allContent &= hints.contains(TopologyHint.ANY);
        }
        for (List<TopologyHint> hints : resources) {
            if (!hints.contains(TopologyHint.ANY)) {
                candidates.removeIf(nodes -> !hints.contains(new TopologyHint(nodes, true)));
            }
        }
        Set<CpuSet> result = new HashSet<>();
        candidates.forEach(nodes -> result.add(nodes.intersection(all)));
        if (allContent) {
            result.add(all);
        }
        return result;
    }

    private Set<CpuSet> intersections(List<List<TopologyHint>> resources) {
        Set<CpuSet> reached = Set.of(all);
        for (List<TopologyHint> hints : resources) {
            Set<CpuSet> next = new HashSet<>();
            for (TopologyHint hint : hints) {
                CpuSet nodes = hint.affinity();
                if (nodes == null) {
                    next.addAll(reached);
                    continue;
                }
                for (CpuSet before : reached) {
                    next.add(before.intersection(nodes));
                }
            }
            reached = next;
        }
        return reached;
    }

    /** Returns the largest, over the resources, of the sizes of their smallest sets. */
    static int wanted(List<List<TopologyHint>> resources) {
        int wanted = 0;
        for (List<TopologyHint> hints : resources) {
            int narrowest = Integer.MAX_VALUE;
            for (TopologyHint hint : hints) {
                CpuSet nodes = hint.affinity();
                if (nodes != null) {
                    narrowest = Math.min(narrowest, nodes.size());
                }
            }
            if (narrowest != Integer.MAX_VALUE) {
                wanted = Math.max(wanted, narrowest);
            }
        }
        return wanted;
    }
}
