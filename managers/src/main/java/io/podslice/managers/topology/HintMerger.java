package io.podslice.managers.topology;

import io.podslice.cgroups.CpuSet;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Merges the hints of several resources into one, by a policy. Stateless; any thread may use it.
 *
 * <p>The cost does not grow with the number of sets of NUMA nodes: 64 nodes are as good as 8, so their number has no
 * limit like the kubelet's ({@code unsupported on machines with more than 8 NUMA Nodes}).
 */
public final class HintMerger {
    private final NumaNodes nodes;
    private final TopologyPolicy policy;
    private final FitOrder fit;

    /** @param preferClosest true to prefer nodes close together among sets of equal size (prefer-closest-numa-nodes) */
    public HintMerger(NumaNodes nodes, TopologyPolicy policy, boolean preferClosest) {
        this.nodes = nodes;
        this.policy = policy;
        fit = preferClosest && policy != TopologyPolicy.SINGLE_NUMA_NODE
                ? FitOrder.closest(nodes)
                : FitOrder.narrowest();
    }

    public TopologyPolicy policy() {
        return policy;
    }

    NumaNodes nodes() {
        return nodes;
    }

    FitOrder fit() {
        return fit;
    }

    /** Tells if the policy admits a pod or container with that hint. */
    public boolean admits(TopologyHint hint) {
        return policy.admits(hint);
    }

    /** Returns the hint that all resources follow, by the policy. */
    public TopologyHint merge(List<ResourceHints> resources) {
        return switch (policy) {
            case NONE -> new TopologyHint(null, false);
            case BEST_EFFORT, RESTRICTED -> mergeToAny(resources);
            case SINGLE_NUMA_NODE -> mergeToOneNode(resources);
        };
    }

    private TopologyHint mergeToAny(List<ResourceHints> resources) {
        List<List<TopologyHint>> lists = listed(resources);
        return lists == null
                ? new SupplyMerge(nodes, fit, resources).merge()
                : new ListedMerge(nodes.all(), fit).merge(lists);
    }

    private TopologyHint mergeToOneNode(List<ResourceHints> resources) {
        List<List<TopologyHint>> lists = listed(resources);
        TopologyHint hint;
        if (lists == null) {
            hint = new SupplyMerge(nodes, fit, resources).mergeToOneNode();
        } else {
            List<List<TopologyHint>> single = new ArrayList<>();
            for (List<TopologyHint> hints : lists) {
                single.add(preferringOneNode(hints));
            }
            hint = new ListedMerge(nodes.all(), fit).merge(single);
        }
        // A hint for the machine's only node, or for any node, restricts nothing.
        CpuSet found = hint.affinity();
        return found != null && found.equals(nodes.all()) ? new TopologyHint(null, hint.preferred()) : hint;
    }

    /** Returns the preferred hints for one node or for any. */
    static List<TopologyHint> preferringOneNode(List<TopologyHint> hints) {
        List<TopologyHint> single = new ArrayList<>();
        for (TopologyHint hint : hints) {
            CpuSet set = hint.affinity();
            if (hint.preferred() && (set == null || set.size() == 1)) {
                single.add(hint);
            }
        }
        return single;
    }

    /**
     * Returns the hints as the kubelet reads them: no preference accepts any node, an empty list accepts none. Null
     * where a resource does not list its hints.
     */
    private static @Nullable List<List<TopologyHint>> listed(List<ResourceHints> resources) {
        List<List<TopologyHint>> lists = new ArrayList<>();
        for (ResourceHints hints : resources) {
            switch (hints) {
                case ResourceHints.NoPreference any -> lists.add(List.of(TopologyHint.ANY));
                case ResourceHints.Listed list ->
                    lists.add(list.hints().isEmpty() ? List.of(new TopologyHint(null, false)) : list.hints());
                case NumaSupply supply -> {
                    return null;
                }
            }
        }
        return lists;
    }
}
