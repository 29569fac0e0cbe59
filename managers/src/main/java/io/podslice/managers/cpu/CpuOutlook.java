package io.podslice.managers.cpu;

import io.podslice.cgroups.CpuSet;
import java.util.StringJoiner;

/** Podslice's own line about CPUs in a rejection: the request, the free CPUs by node, and the most that would fit. */
final class CpuOutlook {
    private CpuOutlook() {}

    static String of(int asked, CpuTopology topology, CpuPools pools, CpuSet held) {
        return "asked " + asked + " CPUs; " + free(topology, pools, held);
    }

    /** Returns the request, the free CPUs, and the most that would fit on one node, in a few words. */
    static String briefOnOneNode(int asked, CpuTopology topology, CpuPools pools, CpuSet held) {
        CpuSet grantable = pools.grantable(held);
        int mostOnOne = 0;
        for (int node : topology.numaNodes().toArray()) {
            mostOnOne = Math.max(
                    mostOnOne,
                    grantable
                            .intersection(topology.cpusOfNumaNodes(CpuSet.of(node)))
                            .size());
        }
        int free = pools.mostOf(grantable, held);
        return asked(asked, free) + Math.min(free, mostOnOne) + " fit on a node";
    }

    /**
     * Returns the request and the free CPUs, all of which would fit, in a few words.
     *
     * @param free without the one that stays in the node shared pool
     */
    static String brief(int asked, int free) {
        return asked(asked, free) + free + " fit";
    }

    private static String asked(int asked, int free) {
        return "asked " + asked + " CPUs, " + free + " free, ";
    }

    static String free(CpuTopology topology, CpuPools pools, CpuSet held) {
        CpuSet grantable = pools.grantable(held);
        int most = pools.mostOf(grantable, held);
        int mostOnOne = 0;
        StringJoiner nodes = new StringJoiner(", ");
        for (int node : topology.numaNodes().toArray()) {
            CpuSet free = grantable.intersection(topology.cpusOfNumaNodes(CpuSet.of(node)));
            mostOnOne = Math.max(mostOnOne, free.size());
            nodes.add(node + " has " + free.size() + (free.isEmpty() ? "" : " (" + free + ")"));
        }
        return "free by NUMA node: " + nodes
                + (most < grantable.size() ? "; one stays in the node shared pool" : "") + "; at most "
                + Math.min(most, mostOnOne) + " would fit on one node, " + most + " on all";
    }
}
