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
        return settings.has(Option.FULL_PCPUS_ONLY) && !settings.hasUnequalWholeCores() && count % threads != 0
                ? Optional.of(SmtAlignment.notWholeCores(count, threads))
                : Optional.empty();
    }

    /**
     * Returns the reason for which CPUs cannot be what the pod has: under full-pcpus-only, if they are no whole cores.
     * Where cores differ in size, the number of CPUs alone does not tell.
     */
    public Optional<Rejection> misfit(CpuSet cpus) {
        return settings.has(Option.FULL_PCPUS_ONLY) && !topology.isWholeCores(cpus)
                ? Optional.of(
                        SmtAlignment.notEnough(cpus.size(), has.size() + most(), topology.threadsPerCore(), outlook()))
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
     * Returns {@code count} CPUs near those that the pod has: of its own cores, then L3 caches, NUMA nodes, sockets,
     * then any; core by core in the order in which they are added. Fewer where there are not enough.
     */
    public List<Integer> near(int count) {
        return near(pools.grantable(held), Math.min(count, most()));
    }

    /** Returns {@code count} CPUs near those that the pod has, taken from the giver's CPUs. */
    public List<Integer> nearFrom(CpuSet giver, int count) {
        return near(giver, Math.min(count, giver.size()));
    }

    /** Returns {@code count} free CPUs of these NUMA nodes; of other nodes where those have none. */
    public List<Integer> nearOn(CpuSet nodes, int count) {
        CpuSet there = pools.grantable(held).intersection(topology.cpusOfNumaNodes(nodes));
        return there.isEmpty() ? near(count) : nearFrom(there, Math.min(count, most()));
    }

    /** Returns those of the CPUs whose core has fewer CPUs than the machine's largest: it may have lost some. */
    public CpuSet ofSmallCores(CpuSet cpus) {
        CpuSet small = CpuSet.empty();
        for (int cpu = cpus.first(); cpu >= 0; cpu = cpus.next(cpu + 1)) {
            CpuSet core = topology.wholeCoresOf(CpuSet.of(cpu));
            small = core.size() < topology.largestCore ? small.union(core.intersection(cpus)) : small;
        }
        return small;
    }

    private List<Integer> near(CpuSet from, int most) {
        if (settings.hasUnequalWholeCores()) {
            List<CpuSet> cores = picker.wholeCores(rings(from), most);
            if (!cores.isEmpty()) {
                return cores.stream().flatMapToInt(CpuSet::stream).boxed().toList();
            }
        }
        List<Integer> picked = new ArrayList<>(most);
        for (CpuSet ring : rings(from)) {
            addByCores(picker.take(ring, Math.min(most - picked.size(), ring.size())), picked);
        }
        return picked;
    }

    /** Divides CPUs by their distance from those that the pod has: core, L3 cache, NUMA node, socket, machine. */
    private List<CpuSet> rings(CpuSet from) {
        List<UnaryOperator<CpuSet>> around = List.of(
                topology::wholeCoresOf,
                topology::wholeL3sOf,
                cpus -> topology.cpusOfNumaNodes(topology.numaNodesOf(cpus)),
                cpus -> topology.cpusOfSocketsOfNumaNodes(topology.numaNodesOf(cpus)),
                cpus -> topology.all());
        List<CpuSet> rings = new ArrayList<>();
        CpuSet left = from;
        for (UnaryOperator<CpuSet> ring : around) {
            CpuSet within = left.intersection(ring.apply(has));
            rings.add(within);
            left = left.minus(within);
        }
        return rings;
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
        // CPUs that the machine does not have any more go first.
        CpuSet gone = has.minus(topology.all()).minus(kept);
        int excess = has.size() - count;
        if (!gone.isEmpty() && excess > 0) {
            CpuSet dropped = CpuSet.of(gone.stream().limit(excess).boxed().toList());
            return new CpuResize(settings, pools, held, has.minus(dropped)).without(added, kept, count);
        }
        if (settings.hasUnequalWholeCores()) {
            CpuSet first = has.minus(CpuSet.of(added)).minus(kept);
            List<CpuSet> cores =
                    picker.wholeCores(List.of(first, has.minus(first).minus(kept)), count - kept.size());
            CpuSet result = kept;
            for (CpuSet core : cores) {
                result = result.union(core);
            }
            if (result.size() == count) {
                return result;
            }
        }
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
