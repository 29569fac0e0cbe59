package io.podslice.managers.placement;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.placement.Placement.Placed;
import io.podslice.managers.placement.Placement.Rejected;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;

/**
 * A simple placer: each pod on the NUMA node where it leaves the least, whole cores first. Under best-effort and none a
 * pod that fits no node spans a few; under restricted only where it would on an empty machine too; under
 * single-numa-node never.
 */
public final class BestFitPlacer implements PodPlacer {
    private final Machine machine;
    private final PlacementPolicy policy;
    private final CpuPicker picker;
    private final NumaChoice numa;
    private final SliceCutter cutter;
    private final RejectionTexts texts;

    public BestFitPlacer(Machine machine, PlacementPolicy policy) {
        this.machine = machine;
        this.policy = policy;
        this.picker = new CpuPicker(machine);
        this.numa = new NumaChoice(machine, policy);
        this.cutter = new SliceCutter(machine, picker);
        this.texts = new RejectionTexts(machine, policy);
    }

    @Override
    public Placement place(PodDemand demand, FreeResources free) {
        if (!demand.wantsCpus()) {
            return new Placed(PodPlacement.none(demand));
        }
        Rejected empty = EmptyPool.check(demand);
        if (empty != null) {
            return empty;
        }
        if (policy.topologyManagerScope() == TopologyManagerScope.CONTAINER) {
            return byContainer(demand, free);
        }
        int cpus = demand.cpus() > 0 ? demand.cpus() : demand.slicedCpus();
        return switch (choose(cpus, demand.memoryBytes(), free)) {
            case Choice.None(Rejected why) -> why;
            case Choice.Chosen(CpuSet chosen, SortedMap<Integer, Long> memory) ->
                new Placed(new PodPlacement(demand, chosen, List.of(), cutter.cutAll(demand, chosen), memory));
        };
    }

    /** CPUs for something that is aligned as one. */
    private Choice choose(int cpus, long memoryBytes, FreeResources free) {
        CpuSet candidates = free.pool().grantable();
        int most = free.pool().grantableCount();
        if (policy.has(CpuManagerPolicyOption.FULL_PCPUS_ONLY)) {
            candidates = picker.wholeCores(candidates);
            most = Math.min(most, candidates.size());
            int threads = texts.threadsPerCore();
            if (cpus % threads != 0 || cpus > most) {
                return new Choice.None(texts.smtAlignment(cpus, most, free));
            }
        }
        if (cpus > most) {
            return new Choice.None(texts.notEnough(cpus, free));
        }
        CpuSet nodes = numa.bestSingle(cpus, memoryBytes, candidates, free.memory());
        if (nodes.isEmpty()) {
            nodes = numa.spanning(cpus, memoryBytes, candidates, free.memory());
            if (nodes.isEmpty()) {
                return new Choice.None(texts.notEnoughMemory(memoryBytes, free));
            }
            if (!allows(nodes, cpus, memoryBytes)) {
                return new Choice.None(texts.noLocality(cpus, memoryBytes, free));
            }
        }
        CpuSet chosen = picker.pick(cpus, candidates.intersection(cpusOf(nodes)));
        return new Choice.Chosen(chosen, numa.memoryOn(nodes, memoryBytes, free.memory()));
    }

    private boolean allows(CpuSet nodes, int cpus, long memoryBytes) {
        return switch (policy.topologyManagerPolicy()) {
            case NONE, BEST_EFFORT -> true;
            case SINGLE_NUMA_NODE -> nodes.size() == 1;
            case RESTRICTED -> nodes.size() <= numa.fewest(cpus, memoryBytes, texts.allocatableMemory());
        };
    }

    private CpuSet cpusOf(CpuSet nodes) {
        CpuSet cpus = CpuSet.empty();
        for (int node = nodes.first(); node >= 0; node = nodes.next(node + 1)) {
            cpus = cpus.union(machine.cpusOfNode(node));
        }
        return cpus;
    }

    /** Each slice where it fits best by itself; an init container reuses what it can. */
    private Placement byContainer(PodDemand demand, FreeResources free) {
        PodPlacement placed = PodPlacement.none(demand);
        FreeResources left = free;
        for (ContainerDemand container : SliceCutter.inOrderOfCutting(demand)) {
            if (!container.isExclusive()) {
                continue;
            }
            CpuSet reusable = cutter.reusable(container, demand, placed);
            int missing = Math.max(0, container.cpus() - reusable.size());
            CpuSet fresh = CpuSet.empty();
            if (missing > 0) {
                switch (choose(missing, 0, left)) {
                    case Choice.None(Rejected why) -> {
                        return why;
                    }
                    case Choice.Chosen(CpuSet chosen, SortedMap<Integer, Long> memory) -> fresh = chosen;
                }
            }
            CpuSet slice = picker.pick(container.cpus() - missing, reusable).union(fresh);
            placed = placed.withSlice(demand, new ExclusiveSlice(container.name(), container.kind(), slice));
            left = new FreeResources(
                    new NodeSharedPool(
                            left.pool().cpus().minus(fresh),
                            left.pool().grantable().minus(fresh)),
                    left.memory());
        }
        return new Placed(placed);
    }

    @Override
    public Placement confirm(PodDemand demand, CpuSet cpus, FreeResources free) {
        SortedMap<Integer, Long> memory = numa.memoryOn(machine.nodesOf(cpus), demand.memoryBytes(), free.memory());
        return new Placed(new PodPlacement(demand, cpus, List.of(), cutter.cutAll(demand, cpus), memory));
    }

    @Override
    public Placement resize(PodPlacement pod, int cpus, long memoryBytes, FreeResources free) {
        return new PodSetResize(machine, policy, picker, numa, texts).to(pod, cpus, memoryBytes, free);
    }

    @Override
    public Placement carve(PodPlacement pod, ContainerDemand container) {
        CpuSet pool = pod.sharedPool(Set.of());
        if (container.cpus() >= pool.size()) {
            return texts.podPoolTooSmall(container, pool);
        }
        CpuSet slice = cutter.cut(container.cpus(), pool);
        PodDemand demand = pod.demand().with(container);
        return new Placed(pod.withSlice(demand, new ExclusiveSlice(container.name(), container.kind(), slice)));
    }

    private sealed interface Choice {
        record Chosen(CpuSet cpus, SortedMap<Integer, Long> memory) implements Choice {}

        record None(Rejected why) implements Choice {}
    }
}
