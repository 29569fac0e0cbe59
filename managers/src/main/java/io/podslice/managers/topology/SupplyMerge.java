package io.podslice.managers.topology;

import io.podslice.cgroups.CpuSet;
import io.podslice.managers.topology.ResourceHints.Listed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Finds the set of NUMA nodes that suits several resources, some of which do not list their hints.
 *
 * <p>Where the kubelet's merge would end in a preferred hint, this one ends in that hint too: the best fit among the
 * sets that every resource prefers. Otherwise the kubelet takes the best fit among all intersections of hints that have
 * about the size that the most demanding resource needs, and such a set need not have enough of anything (kubernetes
 * issue 138495); this merge takes the best fit among the sets that would do for every resource.
 */
final class SupplyMerge {
    private final NumaNodes nodes;
    private final FitOrder fit;
    private final List<NumaSupply> supplies = new ArrayList<>();
    private final List<Listed> lists = new ArrayList<>();
    private boolean satisfiable = true;
    /** The narrowest set of the resource that needs the most nodes. */
    private @Nullable CpuSet demanding;

    SupplyMerge(NumaNodes nodes, FitOrder fit, List<ResourceHints> resources) {
        this.nodes = nodes;
        this.fit = fit;
        for (ResourceHints hints : resources) {
            switch (hints) {
                case ResourceHints.NoPreference any -> {
                    // Accepts every set.
                }
                case Listed list -> add(list);
                case NumaSupply supply -> add(supply);
            }
        }
    }

    private void add(Listed list) {
        if (list.hints().contains(TopologyHint.ANY)) {
            return;
        }
        CpuSet narrowest = null;
        for (TopologyHint hint : list.hints()) {
            narrowest = better(narrowest, hint.affinity());
        }
        if (demand(narrowest)) {
            lists.add(list);
        }
    }

    private void add(NumaSupply supply) {
        if (demand(narrowest(supply))) {
            supplies.add(supply);
        }
    }

    /** Returns the best set for one resource alone. */
    static Optional<CpuSet> narrowest(NumaNodes nodes, NumaSupply supply) {
        return Optional.ofNullable(new SupplyMerge(nodes, FitOrder.narrowest(), List.of()).narrowest(supply));
    }

    private @Nullable CpuSet narrowest(NumaSupply supply) {
        List<NumaSupply> alone = List.of(supply);
        CpuSet narrowest = null;
        for (int size = supply.atLeast(); narrowest == null && size <= nodes.count(); size++) {
            narrowest = best(alone, size, false);
        }
        return narrowest;
    }

    /** Updates the most demanding resource. A resource without any set cannot be had, and is left out. */
    private boolean demand(@Nullable CpuSet narrowest) {
        if (narrowest == null) {
            satisfiable = false;
            return false;
        }
        if (demanding == null || narrowest.size() > demanding.size()) {
            demanding = narrowest;
        }
        return true;
    }

    /** Returns the best hint of any size. */
    TopologyHint merge() {
        if (demanding == null) {
            return new TopologyHint(nodes.all(), satisfiable);
        }
        CpuSet preferred = satisfiable ? bestPreferred(demanding.size()) : null;
        if (preferred != null) {
            return new TopologyHint(preferred, true);
        }
        CpuSet fitting = null;
        if (!lists.isEmpty()) {
            fitting = bestListed(false, set -> true);
        }
        for (int size = demanding.size(); lists.isEmpty() && fitting == null && size <= nodes.count(); size++) {
            fitting = best(supplies, size, false);
        }
        return new TopologyHint(fitting == null ? demanding : fitting, false);
    }

    /**
     * Returns the best preferred hint of one node; any node, preferred, where no resource cares; not preferred where
     * there is none.
     */
    TopologyHint mergeToOneNode() {
        if (!satisfiable || demanding == null) {
            return new TopologyHint(null, satisfiable);
        }
        CpuSet node = lists.isEmpty() ? best(supplies, 1, true) : bestListed(true, set -> set.size() == 1);
        return new TopologyHint(node, node != null);
    }

    private @Nullable CpuSet bestPreferred(int least) {
        if (!lists.isEmpty()) {
            return bestListed(true, set -> true);
        }
        int from = least;
        int to = nodes.count();
        for (NumaSupply supply : supplies) {
            if (supply.prefersOneSize()) {
                from = Math.max(from, supply.fewest());
                to = Math.min(to, supply.fewest());
            }
        }
        CpuSet best = null;
        for (int size = from; best == null && size <= to; size++) {
            best = best(supplies, size, true);
        }
        return best;
    }

    /** Returns the best of the listed sets that suits all resources. */
    private @Nullable CpuSet bestListed(boolean preferred, Predicate<CpuSet> condition) {
        CpuSet best = null;
        for (TopologyHint hint : lists.getFirst().hints()) {
            CpuSet set = hint.affinity();
            if (set != null && condition.test(set) && suitsAll(lists, supplies, set, preferred)) {
                best = better(best, set);
            }
        }
        return best;
    }

    private static boolean suitsAll(List<Listed> lists, List<NumaSupply> supplies, CpuSet set, boolean preferred) {
        for (Listed list : lists) {
            if (!list.hints().contains(new TopologyHint(set, true))
                    && (preferred || !list.hints().contains(new TopologyHint(set, false)))) {
                return false;
            }
        }
        for (NumaSupply supply : supplies) {
            if (!supply.accepts(set) || (preferred && !supply.prefers(set))) {
                return false;
            }
        }
        return true;
    }

    /** Returns the best set of that size that would do for all of these supplies. */
    private @Nullable CpuSet best(List<NumaSupply> who, int size, boolean preferred) {
        CpuSet best = searched(who, size, preferred);
        for (NumaSupply supply : who) {
            for (CpuSet set : supply.exactSets()) {
                if (set.size() == size && suitsAll(List.of(), who, set, preferred)) {
                    best = better(best, set);
                }
            }
        }
        return best;
    }

    private @Nullable CpuSet searched(List<NumaSupply> who, int size, boolean preferred) {
        int n = nodes.count();
        boolean[] allowed = new boolean[n];
        Arrays.fill(allowed, true);
        boolean[] required = new boolean[n];
        int needs = 0;
        for (NumaSupply supply : who) {
            needs += supply.amounts.length;
            boolean[] usable = supply.usable(size);
            for (int node = 0; node < n; node++) {
                allowed[node] &= usable[node];
                required[node] |= supply.required[node];
            }
        }
        long[] amounts = new long[needs];
        long[][] free = new long[needs][];
        needs = 0;
        for (NumaSupply supply : who) {
            for (int k = 0; k < supply.amounts.length; k++) {
                amounts[needs] = supply.amounts[k];
                free[needs++] = supply.free[k];
            }
        }
        int[][] distances = fit.byDistance() ? nodes.distances() : new int[0][];
        int[] found = SubsetSearch.best(
                allowed, required, amounts, free, distances, size, set -> !preferred || allPrefer(who, set));
        return found.length == 0 ? null : nodes.set(found);
    }

    private static boolean allPrefer(List<NumaSupply> who, int[] set) {
        for (NumaSupply supply : who) {
            if (!supply.prefers(set)) {
                return false;
            }
        }
        return true;
    }

    private @Nullable CpuSet better(@Nullable CpuSet current, @Nullable CpuSet candidate) {
        if (candidate == null || current == null) {
            return current == null ? candidate : current;
        }
        return fit.compare(candidate, current) < 0 ? candidate : current;
    }
}
