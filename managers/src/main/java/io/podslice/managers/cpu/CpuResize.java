package io.podslice.managers.cpu;

import io.podslice.cgroups.CpuSet;
import io.podslice.managers.cpu.CpuManager.Settings;
import io.podslice.managers.cpu.CpuManagerOptions.Option;
import io.podslice.managers.topology.Rejection;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** The CPU manager's part in growing or shrinking a pod's CPU set. The kubelet cannot do either. */
public final class CpuResize {
    private final Settings settings;
    private final CpuTopology topology;
    private final CpuPools pools;
    private final CpuPicker picker;
    /** The pod's set. */
    private final CpuSet has;
    /** CPUs of all pods, this one's included. */
    private final CpuSet held;

    CpuResize(Settings settings, CpuPools pools, CpuSet others, CpuSet has) {
        this.settings = settings;
        this.topology = settings.topology();
        this.pools = pools;
        this.picker = new CpuPicker(settings);
        this.has = has;
        this.held = others.union(has);
    }

    /**
     * Returns the reason for which a set can never have that many CPUs: under full-pcpus-only, if they are no whole
     * cores.
     */
    public Optional<Rejection> misfit(int count) {
        int threads = topology.threadsPerCore();
        return settings.has(Option.FULL_PCPUS_ONLY) && count % threads != 0
                ? Optional.of(SmtAlignment.notWholeCores(count, threads))
                : Optional.empty();
    }

    private int grantableCount(CpuSet held) {
        return pools.mostOf(pools.grantable(held), held);
    }

    /** Returns the number of CPUs that the pod could gain now. */
    public int most() {
        return grantableCount(held);
    }

    /** Returns the number of CPUs that pods could have in all on an empty node. */
    public int mostEver() {
        return grantableCount(CpuSet.empty());
    }

    /**
     * Returns {@code count} CPUs near those that the pod has: of the same cores, then L3 caches, NUMA nodes, sockets,
     * then any; core by core in the order in which they are added. Fewer where there are not enough.
     */
    public List<Integer> near(int count) {
        return near(pools.grantable(held), Math.min(count, most()));
    }

    /** Returns {@code count} CPUs near those that the pod has, taken from the giver's CPUs. */
    public List<Integer> nearFrom(CpuSet giver, int count) {
        return near(giver, Math.min(count, giver.size()));
    }

    private List<Integer> near(CpuSet from, int most) {
        CpuSet left = from;
        List<Integer> picked = new ArrayList<>(most);
        List<UnaryOperator<CpuSet>> rings = List.of(
                topology::wholeCoresOf,
                topology::wholeL3sOf,
                cpus -> topology.cpusOfNumaNodes(topology.numaNodesOf(cpus)),
                cpus -> topology.cpusOfSocketsOfNumaNodes(topology.numaNodesOf(cpus)),
                cpus -> topology.all());
        for (UnaryOperator<CpuSet> ring : rings) {
            CpuSet around = left.intersection(ring.apply(has));
            CpuSet taken = picker.take(around, Math.min(most - picked.size(), around.size()));
            addByCores(taken, picked);
            left = left.minus(taken);
        }
        return picked;
    }

    private void addByCores(CpuSet cpus, List<Integer> to) {
        CpuSet left = cpus;
        while (!left.isEmpty()) {
            CpuSet core = topology.wholeCoresOf(CpuSet.of(left.first())).intersection(left);
            core.forEach(to::add);
            left = left.minus(core);
        }
    }

    /**
     * Returns the set with CPUs taken away: first those added last, then those that the policy would take last.
     *
     * @param kept CPUs that stay; at most {@code count}
     * @param count the number of CPUs that remain
     */
    public CpuSet without(List<Integer> added, CpuSet kept, int count) {
        CpuSet left = has;
        for (int cpu : added.reversed()) {
            if (left.size() > count && !kept.contains(cpu)) {
                left = left.minus(CpuSet.of(cpu));
            }
        }
        return left.size() > count ? kept.union(picker.take(left.minus(kept), count - kept.size())) : left;
    }

    /** Returns the CPUs; under full-pcpus-only with the rest of their cores. */
    public CpuSet whole(CpuSet cpus) {
        return settings.has(Option.FULL_PCPUS_ONLY) ? topology.wholeCoresOf(cpus) : cpus;
    }

    /** Returns the NUMA nodes of these CPUs. */
    public CpuSet nodesOf(CpuSet cpus) {
        return topology.numaNodesOf(cpus);
    }

    /** Returns the fewest NUMA nodes that have that many CPUs, in use or not: the measure of the restricted policy. */
    public int fewestNodes(int count) {
        int[] sizes = topology.countByNumaNode(pools.total()).values().stream()
                .mapToInt(Long::intValue)
                .sorted()
                .toArray();
        int nodes = 0;
        for (int sum = 0; sum < count && nodes < sizes.length; nodes++) {
            sum += sizes[sizes.length - 1 - nodes];
        }
        return nodes;
    }

    /** Returns the free CPUs and the most that would fit, in one line. */
    public String outlook() {
        return CpuOutlook.free(topology, pools, held);
    }
}
