package io.podslice.managers.memory;

import io.podslice.cgroups.CpuSet;
import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.ResourceName;
import io.podslice.managers.topology.HintProvider;
import io.podslice.managers.topology.NumaSupply;
import io.podslice.managers.topology.NumaSupply.Need;
import io.podslice.managers.topology.Rejection;
import io.podslice.managers.topology.ResourceHints;
import io.podslice.managers.topology.TopologyHint;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** The memory manager's part in one attempt to admit one pod. Not thread-safe. */
public final class MemoryAttempt implements HintProvider {
    private final MemoryCapacity capacity;
    private final String uid;
    private final MemoryDemand demand;
    /** Bytes of ended init containers that later containers on the same nodes are not charged for again. */
    private final Map<CpuSet, Map<ResourceName, Long>> reusable = new HashMap<>();

    private final MemoryState before;
    private final MemoryUse others;
    private MemoryState.Pod pod;

    MemoryAttempt(MemoryCapacity capacity, MemoryState state, String uid, MemoryDemand demand) {
        this.capacity = capacity;
        this.before = state;
        this.others = MemoryUse.withoutPod(capacity, state, uid);
        this.pod = state.pods().getOrDefault(uid, MemoryState.Pod.EMPTY);
        this.uid = uid;
        this.demand = demand;
    }

    /** The allocations of all pods at this point of the attempt. */
    public MemoryState state() {
        return pod.equals(before.pods().getOrDefault(uid, MemoryState.Pod.EMPTY)) ? before : before.with(uid, pod);
    }

    private MemoryUse use() {
        return others.plus(pod);
    }

    private List<MemoryBlock> blocks(int container) {
        return pod.containers().getOrDefault(name(container), List.of());
    }

    private String name(int container) {
        return demand.spec().containers().get(container).name();
    }

    @Override
    public boolean isSettled() {
        if (demand.ofPod().isEmpty()) {
            return true;
        }
        if (pod.containers().isEmpty() || (!pod.ofPod().isEmpty() && !fits(pod.ofPod(), demand.ofPod()))) {
            return false;
        }
        for (int i = 0; i < demand.own().size(); i++) {
            boolean init = demand.spec().containers().get(i).kind() == ContainerKind.INIT;
            boolean has = pod.ofPod().isEmpty()
                    ? fits(blocks(i), demand.own().get(i))
                    : !blocks(i).isEmpty();
            if (!init && !has) {
                return false;
            }
        }
        return true;
    }

    @Override
    public List<ResourceHints> podHints() {
        if (demand.ofPod().isEmpty()) {
            return List.of();
        }
        List<MemoryBlock> charged = pod.charged();
        if (charged.isEmpty()) {
            return List.of(supply(demand.ofPod(), CpuSet.empty()));
        }
        return fits(pod.ofPod(), demand.ofPod()) ? kept(charged) : kept(longRunning());
    }

    /**
     * Returns the blocks of the containers that run as long as the pod; used where the pod has no blocks as a whole.
     */
    private List<MemoryBlock> longRunning() {
        List<MemoryBlock> blocks = new ArrayList<>();
        for (int i = 0; pod.ofPod().isEmpty() && i < demand.own().size(); i++) {
            if (demand.spec().containers().get(i).kind().isLongRunning()) {
                if (!fits(blocks(i), demand.own().get(i))) {
                    return List.of();
                }
                blocks.addAll(blocks(i));
            }
        }
        return blocks;
    }

    @Override
    public List<ResourceHints> containerHints(int container) {
        MemoryAmounts asked = demand.own().get(container);
        List<MemoryBlock> has = blocks(container);
        if (asked.isEmpty()) {
            return List.of();
        }
        if (has.isEmpty()) {
            return List.of(supply(asked, CpuSet.empty()));
        }
        return fits(has, asked) ? kept(has) : List.of();
    }

    private static boolean fits(List<MemoryBlock> has, MemoryAmounts asked) {
        Map<ResourceName, Long> sizes = new HashMap<>();
        has.forEach(block -> sizes.put(block.type(), block.bytes()));
        return has.size() == sizes.size() && sizes.equals(asked.bytes());
    }

    /**
     * Returns hints for the pod's present blocks: the pod keeps them, so no other nodes would do, and if the blocks are
     * on different nodes nothing is preferred.
     */
    private static List<ResourceHints> kept(List<MemoryBlock> blocks) {
        Set<CpuSet> nodes = new HashSet<>();
        blocks.forEach(block -> nodes.add(block.nodes()));
        return nodes.size() == 1
                ? List.of(new ResourceHints.Listed(
                        List.of(new TopologyHint(nodes.iterator().next(), true))))
                : List.of();
    }

    private NumaSupply supply(MemoryAmounts asked, CpuSet required) {
        MemoryUse use = use();
        List<ResourceName> types = List.copyOf(asked.bytes().keySet());
        List<Need> needs = new ArrayList<>();
        for (ResourceName type : types) {
            needs.add(new Need(asked.get(type), capacity.allocatable(type), use.free(type)));
        }
        CpuSet alone = CpuSet.empty();
        CpuSet together = CpuSet.empty();
        for (int node : capacity.byNode().keySet()) {
            if (use.group(node).size() == 1) {
                alone = alone.union(CpuSet.of(node));
            }
            if (use.assignments(node) == 0) {
                together = together.union(CpuSet.of(node));
            }
        }
        NumaSupply.Builder supply = NumaSupply.of(capacity.nodes(), needs)
                .named(types.stream().map(ResourceName::value).toList())
                .requiring(required)
                .usable(alone, together);
        for (CpuSet group : use.groups()) {
            supply.exact(group, Collections.nCopies(types.size(), 0L));
        }
        reusable.forEach((nodes, bytes) -> supply.exact(
                nodes, types.stream().map(type -> bytes.getOrDefault(type, 0L)).toList()));
        return supply.build();
    }

    @Override
    public Optional<Rejection> allocate(int container, TopologyHint hint) {
        ContainerSpec spec = demand.spec().containers().get(container);
        MemoryAmounts asked = demand.own().get(container);
        List<MemoryBlock> has = blocks(container);
        if (!has.isEmpty()) {
            remember(spec.kind(), has);
            return Optional.empty();
        }
        if (asked.isEmpty()) {
            return Optional.empty();
        }
        if (MemoryAmounts.hasFraction(spec.resources().requests())) {
            return Optional.of(refused("failed to represent quantity as int64", asked));
        }
        return switch (place(asked, hint)) {
            case Place.Refused refused -> Optional.of(refused.rejection());
            case Place.On on -> {
                List<MemoryBlock> blocks = asBlocks(on.nodes(), asked);
                shrinkInitContainers(container, blocks);
                remember(spec.kind(), blocks);
                pod = pod.with(spec.name(), blocks);
                yield Optional.empty();
            }
        };
    }

    private static List<MemoryBlock> asBlocks(CpuSet nodes, MemoryAmounts amounts) {
        List<MemoryBlock> blocks = new ArrayList<>();
        amounts.bytes().forEach((type, bytes) -> blocks.add(new MemoryBlock(nodes, type, bytes)));
        return blocks;
    }

    /**
     * Adds an init container's blocks to those that later containers reuse, or deducts what another container used of
     * them.
     */
    private void remember(ContainerKind kind, List<MemoryBlock> blocks) {
        for (MemoryBlock block : blocks) {
            if (kind == ContainerKind.INIT) {
                reusable.computeIfAbsent(block.nodes(), nodes -> new TreeMap<>())
                        .merge(block.type(), block.bytes(), Long::max);
            } else if (reusable.containsKey(block.nodes())) {
                reusable.get(block.nodes())
                        .computeIfPresent(block.type(), (type, bytes) -> Math.max(0, bytes - block.bytes()));
            }
        }
    }

    /**
     * Counts memory that a container takes over from init containers before it only once: the blocks sum up to the
     * charge.
     */
    private void shrinkInitContainers(int container, List<MemoryBlock> blocks) {
        for (MemoryBlock block : blocks) {
            long left = block.bytes();
            for (int i = 0; i < container && left > 0; i++) {
                if (demand.spec().containers().get(i).kind() != ContainerKind.INIT) {
                    continue;
                }
                List<MemoryBlock> shrunk = new ArrayList<>();
                for (MemoryBlock init : blocks(i)) {
                    boolean same =
                            init.type().equals(block.type()) && init.nodes().equals(block.nodes());
                    long taken = same ? Math.min(init.bytes(), left) : 0;
                    left -= taken;
                    shrunk.add(init.withBytes(init.bytes() - taken));
                }
                if (!shrunk.isEmpty()) {
                    pod = pod.with(name(i), shrunk);
                }
            }
        }
    }

    @Override
    public Optional<Rejection> allocatePod(TopologyHint hint) {
        if (demand.ofPod().isEmpty()) {
            return Optional.empty();
        }
        if (pod.ofPod().isEmpty()) {
            Optional<Rejection> nothing = demand.leavesNothing();
            if (nothing.isPresent()) {
                return nothing;
            }
            if (MemoryAmounts.hasFraction(demand.spec().resources().requests())) {
                return Optional.of(refused("failed to represent quantity as int64", demand.ofPod()));
            }
            switch (place(demand.ofPod(), hint)) {
                case Place.Refused refused -> {
                    return Optional.of(refused.rejection());
                }
                case Place.On on -> pod = pod.withOfPod(asBlocks(on.nodes(), demand.ofPod()));
            }
        }
        for (int i = 0; i < demand.own().size(); i++) {
            if (!pod.containers().containsKey(name(i))) {
                pod = pod.with(name(i), asBlocks(pod.ofPod().getFirst().nodes(), partOf(i)));
            }
        }
        return Optional.empty();
    }

    /**
     * Returns a container's part of the pod's memory: its own, or the remainder left by the containers that run beside
     * it.
     */
    private MemoryAmounts partOf(int container) {
        if (!demand.shares(container)) {
            return demand.own().get(container);
        }
        TreeMap<ResourceName, Long> rest = new TreeMap<>();
        boolean init = demand.spec().containers().get(container).kind() == ContainerKind.INIT;
        demand.ofPod().bytes().forEach((type, total) -> {
            long taken = init
                    ? demand.sidecars(type, container)
                    : demand.sidecars(type, demand.own().size()) + demand.apps(type);
            rest.put(type, Math.max(0, total - taken));
        });
        return new MemoryAmounts(rest);
    }

    private sealed interface Place {
        record On(CpuSet nodes) implements Place {}

        record Refused(Rejection rejection) implements Place {}
    }

    /**
     * Returns the nodes for these amounts: the hint's, with more nodes where those have not enough, or the nodes where
     * the memory fits best if the hint names none.
     */
    private Place place(MemoryAmounts asked, TopologyHint hint) {
        MemoryUse use = use();
        CpuSet nodes = hint.affinity();
        boolean preferred = hint.preferred();
        if (nodes == null) {
            Optional<TopologyHint> best = supply(asked, CpuSet.empty()).best();
            if (best.isEmpty()) {
                return refuse(
                        "failed to get the default NUMA affinity, no NUMA nodes with enough memory is available",
                        asked);
            }
            if (preferred && !best.orElseThrow().preferred()) {
                return refuse("failed to find the default preferred hint", asked);
            }
            nodes = best.orElseThrow().nodes();
            preferred = best.orElseThrow().preferred();
        }
        if (!use.has(nodes, asked)) {
            Optional<TopologyHint> best = supply(asked, nodes).best();
            if (best.isEmpty()) {
                return refuse("failed to find NUMA nodes to extend the current topology hint", asked);
            }
            if (preferred && !best.orElseThrow().preferred()) {
                return refuse("failed to find the extended preferred hint", asked);
            }
            nodes = best.orElseThrow().nodes();
        }
        if (use.isViolatedBy(nodes) && !hint.preferred()) {
            // The hint does not require these nodes, and others may do: kubernetes issue 138495.
            nodes = supply(asked, CpuSet.empty())
                    .best()
                    .map(TopologyHint::nodes)
                    .orElse(nodes);
        }
        return use.isViolatedBy(nodes)
                ? refuse("preferred hint violates NUMA node allocation", asked)
                : new Place.On(nodes);
    }

    private Place refuse(String what, MemoryAmounts asked) {
        return new Place.Refused(refused(what, asked));
    }

    private Rejection refused(String what, MemoryAmounts asked) {
        return Rejection.unexpected(
                        Rejection.Manager.MEMORY, "[memorymanager] " + what, MemoryOutlook.of(asked, capacity, use()))
                .withBrief(MemoryOutlook.brief(asked, capacity, use()));
    }

    @Override
    public String outlook() {
        return demand.ofPod().isEmpty() ? "" : MemoryOutlook.of(demand.ofPod(), capacity, use());
    }

    @Override
    public String brief() {
        return demand.ofPod().isEmpty() ? "" : MemoryOutlook.brief(demand.ofPod(), capacity, use());
    }
}
