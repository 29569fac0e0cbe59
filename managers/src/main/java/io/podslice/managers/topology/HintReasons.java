package io.podslice.managers.topology;

import io.podslice.cgroups.CpuSet;
import io.podslice.managers.pod.Quantity;
import io.podslice.managers.topology.HintExplanation.Asked;
import io.podslice.managers.topology.HintExplanation.Candidate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.StringJoiner;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Finds the reasons for which sets of NUMA nodes lost in one merging of hints. Not thread-safe, and not optimised for
 * speed.
 */
final class HintReasons {
    /** The most sets of two or more nodes that are listed of each size, to keep the explanation readable. */
    private static final int MOST_OF_A_SIZE = 16;

    private static final long MIB = 1L << 20;

    private final Merge merge;
    private final NumaNodes nodes;
    private final TopologyPolicy policy;
    private final FitOrder fit;
    private final @Nullable CpuSet winner;
    private final List<Candidate> candidates = new ArrayList<>();

    HintReasons(Merge merge, HintMerger merger) {
        this.merge = merge;
        this.nodes = merger.nodes();
        this.policy = merger.policy();
        this.fit = merger.fit();
        CpuSet affinity = merge.hint().affinity();
        // On the only node of a machine, single-numa-node restricts nothing.
        this.winner = affinity == null && merge.hint().preferred() && nodes.count() == 1 ? nodes.all() : affinity;
    }

    HintExplanation explanation() {
        List<Asked> asked = new ArrayList<>();
        for (ResourceHints hints : merge.said()) {
            if (!(hints instanceof ResourceHints.NoPreference)) {
                asked.add(asked(hints));
            }
        }
        long more = 0;
        if (!asked.isEmpty()) {
            int largest = largest();
            for (int size = 1; size <= largest; size++) {
                more = saturated(more, addSetsOf(size));
            }
        }
        return new HintExplanation(merge.container(), asked, candidates, more, merge.hint(), merge.admits());
    }

    /** Lists the sets of a size; returns the number of sets left out. */
    private long addSetsOf(int size) {
        String lacking = size == 1 ? "" : shortOf(size);
        if (!lacking.isEmpty()) {
            candidates.add(new Candidate(CpuSet.empty(), size, false, false, lacking));
            return 0;
        }
        List<Candidate> ofSize = new ArrayList<>();
        combine(new int[size], 0, 0, ofSize);
        if (winner != null && winner.size() == size && ofSize.stream().noneMatch(Candidate::chosen)) {
            ofSize.add(candidate(winner));
        }
        candidates.addAll(ofSize);
        return choose(nodes.count(), size) - ofSize.size();
    }

    /**
     * Returns the amounts that all sets of that size lack, by the sets that have most; empty where some set has enough
     * of each.
     */
    private String shortOf(int size) {
        List<String> refusals = new ArrayList<>();
        for (ResourceHints hints : merge.said()) {
            if (!(hints instanceof NumaSupply supply) || !supply.exactSets().isEmpty()) {
                continue;
            }
            for (int k = 0; k < supply.amounts.length; k++) {
                long[] ascending = supply.free[k].clone();
                Arrays.sort(ascending);
                long most = 0;
                for (int i = 0; i < size; i++) {
                    most += ascending[ascending.length - 1 - i];
                }
                if (most < supply.amounts[k]) {
                    refusals.add(name(supply, k) + ": at most " + amount(supply, k, most) + " of "
                            + amount(supply, k, supply.amounts[k]) + " free");
                }
            }
        }
        boolean isTaken = winner != null && winner.size() == size;
        return isTaken ? "" : String.join("; ", refusals);
    }

    private static Asked asked(ResourceHints hints) {
        if (!(hints instanceof NumaSupply supply)) {
            return new Asked("its present allocation", 0);
        }
        StringJoiner what = new StringJoiner(", ");
        for (int k = 0; k < supply.amounts.length; k++) {
            what.add(name(supply, k) + " " + amount(supply, k, supply.amounts[k]));
        }
        return new Asked(what.toString(), supply.fewest());
    }

    /** Returns the largest size that could have won. */
    private int largest() {
        if (winner != null) {
            return winner.size();
        }
        int largest = 1;
        for (ResourceHints hints : merge.said()) {
            if (hints instanceof NumaSupply supply && policy != TopologyPolicy.SINGLE_NUMA_NODE) {
                largest = Math.max(largest, Math.min(supply.fewest(), nodes.count()));
            }
        }
        return largest;
    }

    private void combine(int[] chosen, int depth, int from, List<Candidate> found) {
        if (chosen.length > 1 && found.size() >= MOST_OF_A_SIZE) {
            return;
        }
        if (depth == chosen.length) {
            found.add(candidate(nodes.set(chosen)));
            return;
        }
        for (int node = from; node < nodes.count(); node++) {
            chosen[depth] = node;
            combine(chosen, depth + 1, node + 1, found);
        }
    }

    private Candidate candidate(CpuSet set) {
        List<String> against = new ArrayList<>();
        List<String> unpreferred = new ArrayList<>();
        SortedMap<Integer, StringJoiner> fewest = new TreeMap<>();
        for (ResourceHints hints : merge.said()) {
            switch (hints) {
                case ResourceHints.NoPreference any -> {
                    // The resource accepts every set.
                }
                case ResourceHints.Listed list -> listed(list, set, against, unpreferred);
                case NumaSupply supply -> {
                    against.addAll(refusals(supply, set));
                    if (!supply.prefers(set)) {
                        fewest.computeIfAbsent(supply.fewest(), count -> new StringJoiner(", "))
                                .add(names(supply));
                    }
                }
            }
        }
        fewest.forEach((count, names) -> unpreferred.add("not preferred: " + names + " would fit on " + count
                + (count == 1 ? " NUMA node" : " NUMA nodes") + " of an empty machine"));
        if (policy == TopologyPolicy.SINGLE_NUMA_NODE && set.size() > 1) {
            against.add("more than one node: not for policy single-numa-node");
        }
        boolean preferred = against.isEmpty() && unpreferred.isEmpty();
        boolean chosen = winner != null && winner.equals(set);
        if (against.isEmpty() && !chosen) {
            against.addAll(unpreferred);
            if (unpreferred.isEmpty() || !merge.hint().preferred()) {
                against.add(worse(set));
            }
        } else if (chosen && !merge.hint().preferred()) {
            against.addAll(unpreferred);
        }
        return new Candidate(set, set.size(), preferred, chosen, String.join("; ", against));
    }

    private static void listed(ResourceHints.Listed list, CpuSet set, List<String> against, List<String> unpreferred) {
        if (list.hints().contains(new TopologyHint(set, true)) || list.hints().contains(TopologyHint.ANY)) {
            return;
        }
        if (list.hints().contains(new TopologyHint(set, false))) {
            unpreferred.add("not preferred");
        } else {
            against.add(
                    list.hints().isEmpty()
                            ? "no set of NUMA nodes can serve it"
                            : "not a set that the resource accepts");
        }
    }

    private List<String> refusals(NumaSupply supply, CpuSet set) {
        if (supply.accepts(set)) {
            return List.of();
        }
        List<String> refusals = new ArrayList<>();
        for (int k = 0; k < supply.amounts.length; k++) {
            long free = 0;
            for (int node = set.first(); node >= 0; node = set.next(node + 1)) {
                free += supply.free[k][nodes.index(node)];
            }
            if (free < supply.amounts[k]) {
                refusals.add(name(supply, k) + ": " + amount(supply, k, free) + " of "
                        + amount(supply, k, supply.amounts[k]) + " free");
            }
        }
        if (!refusals.isEmpty()) {
            return refusals;
        }
        CpuSet lacking = CpuSet.empty();
        for (int i = 0; i < nodes.count(); i++) {
            if (supply.required[i] && !set.contains(nodes.id(i))) {
                lacking = lacking.union(CpuSet.of(nodes.id(i)));
            }
        }
        return List.of(
                lacking.isEmpty()
                        ? name(supply, 0) + ": in use for other groups of NUMA nodes"
                        : name(supply, 0) + ": lacks node " + lacking + ", where an init container has its own");
    }

    private static String names(NumaSupply supply) {
        StringJoiner names = new StringJoiner(", ");
        for (int k = 0; k < supply.amounts.length; k++) {
            names.add(name(supply, k));
        }
        return names.toString();
    }

    private String worse(CpuSet set) {
        if (winner == null) {
            return "no resource's choice";
        }
        if (set.size() != winner.size()) {
            return "as good, but larger than " + winner;
        }
        boolean farther = fit.byDistance() && nodes.totalDistance(set) != nodes.totalDistance(winner);
        return farther
                ? "as good, but its nodes are farther apart than " + winner
                : "as good; " + winner + " comes first";
    }

    private static String name(NumaSupply supply, int k) {
        return k < supply.names.size() ? supply.names.get(k) : "resource " + k;
    }

    private static String amount(NumaSupply supply, int k, long amount) {
        if (name(supply, k).equals("cpu")) {
            return Long.toString(amount);
        }
        boolean odd = amount >= MIB && amount % MIB != 0;
        return Quantity.ofBytes(odd ? amount / MIB * MIB : amount).toString();
    }

    private static long choose(int n, int k) {
        long result = 1;
        for (int i = 1; i <= k; i++) {
            long factor = (long) n - k + i;
            if (result > Long.MAX_VALUE / factor) {
                return Long.MAX_VALUE;
            }
            result = result * factor / i;
        }
        return result;
    }

    private static long saturated(long a, long b) {
        return a > Long.MAX_VALUE - b ? Long.MAX_VALUE : a + b;
    }
}
