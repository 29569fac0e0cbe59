package io.podslice.managers.cpu;

import io.podslice.cgroups.CpuSet;
import io.podslice.managers.cpu.CpuManager.Settings;
import io.podslice.managers.cpu.CpuManagerOptions.Option;
import java.util.ArrayList;
import java.util.List;

/** Takes CPUs by the policy's options. */
final class CpuPicker {
    private final Settings settings;
    private final CpuAssignment assignment;

    CpuPicker(Settings settings) {
        this.settings = settings;
        assignment = new CpuAssignment(settings.topology());
    }

    /**
     * Takes {@code count} of the available CPUs.
     *
     * @param count the number of CPUs, at most the number available
     */
    CpuSet take(CpuSet available, int count) {
        if (settings.hasUnequalWholeCores()) {
            List<CpuSet> cores = wholeCores(List.of(available), count);
            return cores.isEmpty() ? assignment.packed(available, count, CpuSorting.PACKED, l3()) : union(cores);
        }
        CpuSorting sorting = settings.has(Option.DISTRIBUTE_CPUS_ACROSS_CORES) ? CpuSorting.SPREAD : CpuSorting.PACKED;
        if (settings.has(Option.DISTRIBUTE_CPUS_ACROSS_NUMA)) {
            int group =
                    settings.has(Option.FULL_PCPUS_ONLY) ? settings.topology().threadsPerCore() : 1;
            return assignment.distributed(available, count, group, sorting);
        }
        return assignment.packed(available, count, sorting, l3());
    }

    private L3Preference l3() {
        if (!settings.has(Option.PREFER_ALIGN_CPUS_BY_UNCORECACHE)) {
            return L3Preference.NONE;
        }
        return settings.has(Option.UNCORECACHE_BEST_FIT) ? L3Preference.BEST_FIT : L3Preference.EXACT_FIT;
    }

    /**
     * Takes {@code count} of the available CPUs, as many as possible on the NUMA nodes (with align-by-socket, in the
     * sockets) of a hint.
     *
     * @param nodes the hint's nodes; empty for any nodes
     */
    CpuSet takeNear(CpuSet nodes, CpuSet available, int count) {
        CpuTopology topology = settings.topology();
        CpuSet near = available.intersection(
                settings.has(Option.ALIGN_BY_SOCKET)
                        ? topology.cpusOfSocketsOfNumaNodes(nodes)
                        : topology.cpusOfNumaNodes(nodes));
        if (settings.hasUnequalWholeCores()) {
            List<CpuSet> cores = wholeCores(List.of(near), count);
            if (cores.isEmpty()) {
                cores = wholeCores(List.of(near, available.minus(near)), count);
            }
            if (!cores.isEmpty()) {
                return union(cores);
            }
        }
        CpuSet taken = take(near, Math.min(count, near.size()));
        return taken.union(take(available.minus(taken), count - taken.size()));
    }

    /**
     * Chooses whole cores with {@code count} CPUs together, ring by ring, within each by best fit.
     *
     * @param rings disjoint sets of CPUs, those to be used first at the beginning; cores that are not whole in them are
     *     left alone
     * @return the CPUs of each core, in the order in which they were chosen; empty where no choice of cores has that many
     */
    List<CpuSet> wholeCores(List<CpuSet> rings, int count) {
        List<CpuSet> cores = new ArrayList<>();
        for (CpuSet ring : rings) {
            cores.addAll(assignment.wholeCores(ring));
        }
        int[] chosen = WholeCores.choose(cores.stream().mapToInt(CpuSet::size).toArray(), count);
        List<CpuSet> result = new ArrayList<>();
        for (int core : chosen == null ? new int[0] : chosen) {
            result.add(cores.get(core));
        }
        return result;
    }

    private static CpuSet union(List<CpuSet> sets) {
        CpuSet union = CpuSet.empty();
        for (CpuSet set : sets) {
            union = union.union(set);
        }
        return union;
    }

    /**
     * Cuts a slice from a pod's CPUs: on the one NUMA node and in the one L3 cache that have the fewest CPUs that are
     * enough, where there are such, unless an option asks for CPUs to be spread.
     */
    CpuSet slice(CpuSet pool, int count) {
        boolean spread =
                settings.has(Option.DISTRIBUTE_CPUS_ACROSS_CORES) || settings.has(Option.DISTRIBUTE_CPUS_ACROSS_NUMA);
        return take(spread ? pool : settings.topology().tightest(pool, count), count);
    }
}
