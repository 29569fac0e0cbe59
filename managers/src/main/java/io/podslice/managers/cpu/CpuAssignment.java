package io.podslice.managers.cpu;

import io.podslice.cgroups.CpuSet;
import java.util.ArrayList;
import java.util.List;

/**
 * Assigns available CPUs to a request as the kubelet's {@code takeByTopology} does, without its defects (kubernetes PRs
 * 140498, 140730, 141026, 141238).
 *
 * <p>Stateless; any thread may use it.
 */
public final class CpuAssignment {
    private final CpuTopology topology;

    public CpuAssignment(CpuTopology topology) {
        this.topology = topology;
    }

    /**
     * Packs the request: whole NUMA nodes and sockets first, then whole cores, then single CPUs, fullest elements first.
     *
     * @param available CPUs to take from; CPUs that the machine does not have are ignored
     * @param count CPUs to take; below 1 gives the empty set
     * @param l3 the preference for CPUs within L3 caches
     * @throws IllegalArgumentException with the kubelet's text if fewer CPUs are available
     */
    public CpuSet packed(CpuSet available, int count, CpuSorting sorting, L3Preference l3) {
        if (count < 1) {
            return CpuSet.empty();
        }
        long[] free = topology.bits(available);
        requireEnough(free, available, count);
        return packed(free, count, sorting, l3);
    }

    /** Returns the cores that are whole in the set, in the order in which a request for single CPUs takes from them. */
    List<CpuSet> wholeCores(CpuSet available) {
        long[] free = topology.bits(available);
        PackedTake take = new PackedTake(topology);
        take.count(free);
        PackedTake.Order order = take.orderCores();
        List<CpuSet> whole = new ArrayList<>();
        for (int i = 0; i < order.length; i++) {
            int core = order.elements[i];
            CpuSet cpus = topology.cpuSet(topology.cores.cpus[core]);
            if (available.containsAll(cpus)) {
                whole.add(cpus);
            }
        }
        return whole;
    }

    private CpuSet packed(long[] free, int count, CpuSorting sorting, L3Preference l3) {
        long[] taken = new long[free.length];
        new PackedTake(topology).take(free, count, sorting, l3, taken);
        return topology.cpuSet(taken);
    }

    /**
     * Spreads the request evenly over the fewest NUMA nodes that can share it (distribute-cpus-across-numa), packed within
     * each; packed as a whole where no even split exists or the count is no multiple of the group size.
     *
     * @param groupSize CPUs that are dealt together, 1 or more: threads of a core with full-pcpus-only
     * @throws IllegalArgumentException with the kubelet's text if fewer CPUs are available
     */
    public CpuSet distributed(CpuSet available, int count, int groupSize, CpuSorting sorting) {
        if (count < 1) {
            return CpuSet.empty();
        }
        long[] free = topology.bits(available);
        requireEnough(free, available, count);
        if (count % groupSize != 0) {
            return packed(free, count, sorting, L3Preference.NONE);
        }
        PackedTake take = new PackedTake(topology);
        take.count(free);
        int[] numas = take.orderNumas().copy();
        int[] freeIn = new int[numas.length];
        for (int i = 0; i < numas.length; i++) {
            freeIn[i] = take.freeInNuma(numas[i]);
        }
        int groups = count / groupSize;
        NumaSpread spread = NumaSpread.choose(freeIn, groupSize, groups, fewestNumas(groupSize, groups));
        if (spread.nodes.length == 0) {
            return packed(free, count, sorting, L3Preference.NONE);
        }
        return new Dealing(take, free, numas, sorting).deal(spread, count, groupSize);
    }

    /** Returns the number of NUMA nodes that the request would need on an empty machine with equal nodes. */
    private int fewestNumas(int groupSize, int groups) {
        int all = ceilDiv(topology.ids.length, groupSize);
        return ceilDiv(groups, ceilDiv(all, topology.numas.count()));
    }

    private static int ceilDiv(int a, int b) {
        return (a + b - 1) / b;
    }

    private static void requireEnough(long[] free, CpuSet available, int count) {
        int n = 0;
        for (long word : free) {
            n += Long.bitCount(word);
        }
        if (n < count) {
            throw new IllegalArgumentException("not enough cpus available to satisfy request: requested=" + count
                    + ", available=" + available.size());
        }
    }

    private final class Dealing {
        private final PackedTake take;
        private final long[] free;
        private final int[] numas;
        private final CpuSorting sorting;
        private final long[] taken;
        private final long[] inNuma;

        Dealing(PackedTake take, long[] free, int[] numas, CpuSorting sorting) {
            this.take = take;
            this.free = free;
            this.numas = numas;
            this.sorting = sorting;
            taken = new long[free.length];
            inNuma = new long[free.length];
        }

        CpuSet deal(NumaSpread spread, int count, int groupSize) {
            int left = count;
            for (int node : spread.nodes) {
                from(node, spread.each * groupSize);
                left -= spread.each * groupSize;
            }
            while (left > 0) {
                for (int i = 0; i < spread.remainder.length && left > 0; i++) {
                    if (from(spread.remainder[i], groupSize)) {
                        left -= groupSize;
                    }
                }
            }
            return topology.cpuSet(taken);
        }

        /** Takes CPUs from one NUMA node; returns false if it has too few. */
        private boolean from(int node, int count) {
            long[] cpus = topology.numas.cpus[numas[node]];
            int n = 0;
            for (int word = 0; word < free.length; word++) {
                inNuma[word] = free[word] & cpus[word] & ~taken[word];
                n += Long.bitCount(inNuma[word]);
            }
            if (n < count) {
                return false;
            }
            take.take(inNuma, count, sorting, L3Preference.NONE, taken);
            return true;
        }
    }
}
