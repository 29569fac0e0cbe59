package io.podslice.node.pods;

import io.podslice.cgroups.CpuSet;
import io.podslice.managers.placement.ContainerPlacement;
import io.podslice.managers.placement.CpuManagerPolicy;
import io.podslice.managers.placement.NodePlacements;
import io.podslice.managers.placement.Placement;
import io.podslice.managers.placement.PlacementPolicy;
import io.podslice.managers.placement.PodPlacement;
import io.podslice.managers.placement.PodSizes;
import io.podslice.managers.placement.SmallestMove;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.ExclusiveCpus;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.QosClass;
import io.podslice.managers.topology.HintExplanation;
import io.podslice.node.Refusal;
import io.podslice.node.RefusedException;
import io.podslice.node.cpuset.PresentMachine;
import io.podslice.node.state.Ledger;
import io.podslice.node.state.PodState;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds placements for pods beside those of the state. */
public final class Placements {
    /** Pods on a node up to which a move is searched for: the search costs two admissions for each pod. */
    private static final int MOST_PODS_TO_MOVE = 100;

    private final PlacementPolicy policy;
    private final PresentMachine machine;
    private final Ledger ledger;
    private final LostPods lostPods;
    private final AllocationMeter allocations;

    public Placements(
            PlacementPolicy policy,
            PresentMachine machine,
            Ledger ledger,
            LostPods lostPods,
            AllocationMeter allocations) {
        this.policy = policy;
        this.machine = machine;
        this.ledger = ledger;
        this.lostPods = lostPods;
        this.allocations = allocations;
    }

    /** Returns the CPUs that the pod asks for as a whole; 0 where the policy gives no pod any. */
    public int setSize(PodAsk ask) {
        return policy.givesPodSets() ? ExclusiveCpus.ofPod(ask.spec()) : 0;
    }

    /** Tells if containers of an inferred pod may still get exclusive CPUs as they are created. */
    boolean mayCarve(PodAsk ask) {
        return policy.cpuManagerPolicy() == CpuManagerPolicy.STATIC
                && !policy.givesPodSets()
                && ask.spec().hasPodLevelResources();
    }

    /** Tells if the pod may get CPUs of its own; for any other it does not matter which CPUs there are. */
    private boolean mayHaveCpus(PodAsk ask) {
        return policy.cpuManagerPolicy() == CpuManagerPolicy.STATIC
                && (!ask.exclusive().isEmpty() || QosClass.of(ask.spec()) == QosClass.GUARANTEED);
    }

    /**
     * Places the pod: with the CPUs that it was found with if it can keep them, else anew.
     *
     * @param before the pod's state before; null if it has none
     * @throws RefusedException if the pod does not fit, with what would help, or names a device that does not exist
     */
    PodPlacement place(String uid, PodAsk ask, @Nullable PodState before) throws RefusedException {
        ledger.assertHeld();
        Map<String, List<CpuSet>> local = ask.devices().orRefuse();
        if (mayHaveCpus(ask)) {
            machine.look();
        }
        // A pod that was found running goes by the name of its cgroup, which need not be its uid.
        String known = before == null ? uid : before.uid();
        PodPlacement found = before == null || !before.isFound() ? null : asFound(before.placement(), ask);
        if (found != null) {
            NodePlacements all = others(uid, known).with(uid, found);
            if (machine.placer().place(all, uid, ask.spec(), ask.exclusive(), local)
                    instanceof Placement.Placed(var kept)) {
                return kept;
            }
        }
        Placement answer = beside(uid, known, ask, local);
        if (answer instanceof Placement.Rejected rejected && !rejected.never() && lostPods.release()) {
            answer = beside(uid, known, ask, local);
        }
        return switch (answer) {
            case Placement.Placed(PodPlacement placed) -> {
                allocations.placed(PodPlacement.NONE, placed);
                yield placed;
            }
            case Placement.Rejected rejected -> {
                allocations.rejected(
                        rejected.rejection(),
                        policy.givesPodSets() && ask.spec().hasPodLevelResources());
                throw new RefusedException(Refusal.of(rejected, move(uid, ask, local, rejected)));
            }
        };
    }

    /**
     * Places a running pod on the CPUs that its cgroups show, with memory on the NUMA nodes of those CPUs if they have
     * enough. If not, the pod keeps the CPUs and gets no memory: a running pod is not moved.
     */
    PodPlacement keep(String uid, PodAsk ask, @Nullable PodState before, PodPlacement found) throws RefusedException {
        ledger.assertHeld();
        NodePlacements others = others(uid, before == null ? uid : before.uid());
        PodPlacement whole = completed(others, uid, ask, found);
        NodePlacements all = others.with(uid, whole);
        Map<String, List<CpuSet>> local = ask.devices().orRefuse();
        return machine.placer().place(all, uid, ask.spec(), ask.exclusive(), local)
                                instanceof Placement.Placed(var kept)
                        && kept.cpus().equals(whole.cpus())
                        && sameSlices(kept, whole)
                ? kept
                : whole;
    }

    /** Returns a placement whose containers are of the kinds that a spec tells. */
    static PodPlacement named(PodPlacement placement, PodSpec spec) {
        PodPlacement result = placement;
        for (ContainerPlacement container : placement.containers()) {
            ContainerSpec its = spec.container(container.name()).orElse(null);
            if (its != null && its.kind() != container.kind()) {
                result = result.with(
                        new ContainerPlacement(container.name(), its.kind(), container.own(), container.added()));
            }
        }
        return result;
    }

    /**
     * Completes the placement of a running pod whose spec is known from now on, out of free CPUs: with the slices of the
     * containers that do not run yet. Nothing that it has is taken from it.
     */
    PodPlacement complete(PodState pod, PodAsk ask) {
        ledger.assertHeld();
        return completed(others(pod.uid(), pod.uid()), pod.uid(), ask, named(pod.placement(), ask.spec()));
    }

    /**
     * Adds what the cgroups could not show, out of free CPUs: the rest of the pod's set, and the slices of containers that
     * do not run. A container for whose slice there are none shares.
     */
    private PodPlacement completed(NodePlacements others, String uid, PodAsk ask, PodPlacement found) {
        PodPlacement result = found;
        boolean isShort = !found.ofPod().isEmpty() && found.ofPod().size() < setSize(ask);
        if (isShort
                && machine.placer().resize(others.with(uid, found), uid, new PodSizes(setSize(ask), 0))
                        instanceof Placement.Placed(var whole)) {
            result = whole;
        }
        for (ContainerSpec container : ask.spec().containers()) {
            if (found.container(container.name()).isEmpty()) {
                result = withSlice(others, uid, ask, container, result);
            }
        }
        return inOrder(result, ask.spec());
    }

    private PodPlacement withSlice(
            NodePlacements others, String uid, PodAsk ask, ContainerSpec container, PodPlacement pod) {
        int asked = ExclusiveCpus.of(ask.spec(), container, ask.exclusive().get(container.name()));
        NodePlacements all = others.with(uid, pod);
        CpuSet own = asked > 0
                        && machine.placer().carve(all, uid, container.name(), asked)
                                instanceof Placement.Placed(var carved)
                ? carved.container(container.name()).orElseThrow().own()
                : CpuSet.empty();
        return pod.with(new ContainerPlacement(container.name(), container.kind(), own));
    }

    /** Returns the placement with its containers in the spec's order; containers that the spec does not name come last. */
    private static PodPlacement inOrder(PodPlacement pod, PodSpec spec) {
        PodPlacement ordered = new PodPlacement(List.of(), pod.ofPod(), pod.added(), pod.memory());
        for (ContainerSpec container : spec.containers()) {
            ordered = ordered.with(pod.container(container.name()).orElseThrow());
        }
        for (ContainerPlacement container : pod.containers()) {
            ordered = ordered.with(container);
        }
        return ordered;
    }

    /**
     * Explains the place that the pod would get now, beside its devices as far as they can be found: the candidates, and why
     * each lost.
     */
    public List<HintExplanation> explain(String uid, PodAsk ask) {
        return machine.placer()
                .explain(
                        others(uid, uid),
                        uid,
                        ask.spec(),
                        ask.exclusive(),
                        ask.devices().byContainer());
    }

    private static boolean sameSlices(PodPlacement one, PodPlacement two) {
        for (ContainerPlacement container : two.containers()) {
            if (container.isExclusive() && !one.container(container.name()).equals(Optional.of(container))) {
                return false;
            }
        }
        return true;
    }

    private Placement beside(String uid, String known, PodAsk ask, Map<String, List<CpuSet>> local) {
        return machine.placer().place(others(uid, known), uid, ask.spec(), ask.exclusive(), local);
    }

    private NodePlacements others(String uid, String known) {
        return ledger.state().without(uid).without(known).placements();
    }

    /**
     * Returns the placement of a pod that was found running on CPUs, now that its spec is known; null if the spec does
     * not tell which container has which.
     */
    private @Nullable PodPlacement asFound(PodPlacement found, PodAsk ask) {
        CpuSet cpus = found.ofPod();
        if (setSize(ask) > 0) {
            return found;
        }
        PodPlacement kept = null;
        for (ContainerSpec container : ask.spec().containers()) {
            int own = ExclusiveCpus.of(ask.spec(), container, ask.exclusive().get(container.name()));
            if (own > 0) {
                // With several exclusive containers it is not known which has which CPUs.
                if (kept != null || own != cpus.size()) {
                    return null;
                }
                kept = PodPlacement.none(ask.spec())
                        .with(new ContainerPlacement(container.name(), container.kind(), cpus));
            }
        }
        return kept;
    }

    /** Describes the smallest move that would make the pod fit; empty if none is known. */
    private String move(String uid, PodAsk ask, Map<String, List<CpuSet>> local, Placement.Rejected rejected) {
        if (!ask.asks() || rejected.never() || ledger.state().pods().size() > MOST_PODS_TO_MOVE) {
            return "";
        }
        SmallestMove move = machine.placer()
                .smallestMove(others(uid, uid), uid, ask.spec(), ask.exclusive(), local)
                .orElse(null);
        PodState other = move == null ? null : ledger.state().pod(move.uid()).orElse(null);
        return move == null || other == null ? "" : move.text(other.fullName());
    }
}
