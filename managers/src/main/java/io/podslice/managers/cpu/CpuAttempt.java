package io.podslice.managers.cpu;

import io.podslice.cgroups.CpuSet;
import io.podslice.managers.cpu.CpuManager.Settings;
import io.podslice.managers.cpu.CpuManagerOptions.Option;
import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.topology.HintProvider;
import io.podslice.managers.topology.NumaSupply;
import io.podslice.managers.topology.NumaSupply.Need;
import io.podslice.managers.topology.Rejection;
import io.podslice.managers.topology.ResourceHints;
import io.podslice.managers.topology.TopologyHint;
import java.util.List;
import java.util.Optional;

/** The CPU manager's part in one attempt to admit one pod. Not thread-safe. */
public final class CpuAttempt implements HintProvider {
    private final Settings settings;
    private final CpuPools pools;
    private final CpuPicker picker;
    private final String uid;
    private final CpuDemand demand;
    /** CPUs of init containers, which later containers may have too. */
    private CpuSet reusable = CpuSet.empty();

    private final CpuManagerState before;
    /** CPUs of all other pods. */
    private final CpuSet others;

    private CpuManagerState.Pod pod;
    private boolean isBinding;

    CpuAttempt(Settings settings, CpuPools pools, CpuManagerState state, String uid, CpuDemand demand) {
        this.settings = settings;
        this.pools = pools;
        this.picker = new CpuPicker(settings);
        this.before = state;
        this.others = state.heldByOthers(uid);
        this.pod = state.pod(uid);
        this.uid = uid;
        this.demand = demand;
    }

    /** Refuses from now on to allocate beyond the nodes of a hint; for topology policies that reject for it. */
    public void bindToHints() {
        isBinding = true;
    }

    /** The allocations of all pods at this point of the attempt. */
    public CpuManagerState state() {
        return pod.equals(before.pod(uid)) ? before : before.with(uid, pod);
    }

    private CpuSet held() {
        return others.union(pod.all());
    }

    private String name(int container) {
        return demand.spec().containers().get(container).name();
    }

    private CpuSet cpus(int container) {
        return pod.containers().getOrDefault(name(container), CpuSet.empty());
    }

    @Override
    public boolean isSettled() {
        if (demand.isNothing()) {
            return true;
        }
        if (pod.containers().isEmpty() || pod.ofPod().size() != demand.ofPod()) {
            return false;
        }
        for (int i = 0; i < demand.own().size(); i++) {
            int wanted = demand.own().get(i);
            boolean asks = demand.ofPod() > 0 || wanted > 0;
            if (demand.kind(i) != ContainerKind.INIT && asks && cpus(i).isEmpty()) {
                return false;
            }
            if (demand.ofPod() == 0 && !cpus(i).isEmpty() && cpus(i).size() != wanted) {
                return false;
            }
        }
        return demand.ofPod() == 0 || isSound();
    }

    @Override
    public List<ResourceHints> podHints() {
        if (demand.isNothing()) {
            return List.of();
        }
        if (demand.ofPod() == 0) {
            return List.of(hintsForContainers());
        }
        CpuSet has = pod.ofPod();
        if (has.isEmpty() || !isSound()) {
            CpuSet available = pools.grantable(others);
            return List.of(supply(demand.ofPod(), available, CpuSet.empty()));
        }
        return List.of(has.size() == demand.ofPod() ? supply(demand.ofPod(), has, CpuSet.empty()) : ResourceHints.NONE);
    }

    /** Returns hints for the containers' present CPUs: the pod keeps them. */
    private ResourceHints hintsForContainers() {
        CpuSet has = CpuSet.empty();
        for (int i = 0; i < demand.own().size(); i++) {
            if (!cpus(i).isEmpty()) {
                if (cpus(i).size() != demand.own().get(i)) {
                    return ResourceHints.NONE;
                }
                has = has.union(cpus(i));
            }
        }
        int count = demand.together();
        if (has.size() == count) {
            return supply(count, has, CpuSet.empty());
        }
        return supply(count, pools.grantable(held()).union(has), has);
    }

    @Override
    public List<ResourceHints> containerHints(int container) {
        int count = demand.own().get(container);
        if (count == 0) {
            return List.of();
        }
        CpuSet has = cpus(container);
        if (has.isEmpty()) {
            return List.of(supply(count, pools.grantable(held()).union(reusable), reusable));
        }
        return List.of(has.size() == count ? supply(count, has, CpuSet.empty()) : ResourceHints.NONE);
    }

    /** @param near CPUs on whose NUMA nodes every set must be */
    private NumaSupply supply(int count, CpuSet available, CpuSet near) {
        CpuTopology topology = settings.topology();
        NumaSupply.Builder supply = NumaSupply.of(
                        settings.nodes(),
                        List.of(new Need(
                                count, topology.countByNumaNode(pools.total()), topology.countByNumaNode(available))))
                .named(List.of("cpu"))
                .requiring(topology.numaNodesOf(near))
                .usable(topology.numaNodes(), topology.numaNodes());
        return settings.has(Option.ALIGN_BY_SOCKET)
                ? supply.preferringSockets(topology::socketOfNumaNode, topology.numaNodesPerSocket())
                        .build()
                : supply.build();
    }

    @Override
    public Optional<Rejection> allocate(int container, TopologyHint hint) {
        int count = demand.own().get(container);
        if (count == 0) {
            return Optional.empty();
        }
        if (cpus(container).isEmpty()) {
            Grant grant = grant(count, hint, reusable);
            if (grant instanceof Grant.Refused refused) {
                return Optional.of(refused.rejection());
            }
            CpuSet taken = ((Grant.Taken) grant).cpus();
            pod = pod.with(name(container), taken);
        }
        CpuSet has = cpus(container);
        reusable = demand.kind(container) == ContainerKind.INIT ? reusable.union(has) : reusable.minus(has);
        return Optional.empty();
    }

    private sealed interface Grant {
        record Taken(CpuSet cpus) implements Grant {}

        record Refused(Rejection rejection) implements Grant {}
    }

    /**
     * Takes the pod's own CPUs first, so that a pod never needs more than its containers do together; the kubelet may
     * leave them and take others.
     *
     * @param reusable CPUs of the pod's ended init containers
     */
    private Grant grant(int count, TopologyHint hint, CpuSet reusable) {
        CpuSet held = held();
        CpuSet grantable = pools.grantable(held);
        CpuSet available = grantable.union(reusable);
        int most = Math.min(available.size(), pools.mostOf(grantable, held) + reusable.size());
        if (settings.has(Option.FULL_PCPUS_ONLY)) {
            int threads = settings.topology().threadsPerCore();
            if (!settings.hasUnequalWholeCores() && count % threads != 0) {
                return new Grant.Refused(SmtAlignment.notWholeCores(count, threads));
            }
            if (count > most) {
                return new Grant.Refused(SmtAlignment.notEnough(count, most, threads, outlook())
                        .withBrief(CpuOutlook.brief(count, most)));
            }
        }
        if (count > most) {
            return new Grant.Refused(notEnough(count, most).withBrief(CpuOutlook.brief(count, most)));
        }
        CpuSet again = picker.takeNear(hint.nodes(), reusable, Math.min(count, reusable.size()));
        CpuSet taken = again.union(picker.takeNear(hint.nodes(), available.minus(reusable), count - again.size()));
        boolean strays = isBinding
                && settings.hasUnequalWholeCores()
                && !hint.nodes().isEmpty()
                && !hint.nodes().containsAll(settings.topology().numaNodesOf(taken));
        if (strays
                || (settings.has(Option.FULL_PCPUS_ONLY) && !settings.topology().isWholeCores(taken))) {
            // Where cores differ in size, no choice of free cores, or of those on the hint's nodes, may have that many
            // CPUs; hints count CPUs alone.
            return new Grant.Refused(
                    SmtAlignment.notEnough(count, most, settings.topology().threadsPerCore(), outlook())
                            .withBrief(CpuOutlook.brief(count, most)));
        }
        return new Grant.Taken(taken);
    }

    private Rejection notEnough(int count, int available) {
        return Rejection.unexpected(
                Rejection.Manager.CPU,
                "not enough cpus available to satisfy request: requested=" + count + ", available=" + available,
                outlook());
    }

    @Override
    public Optional<Rejection> allocatePod(TopologyHint hint) {
        if (demand.ofPod() == 0) {
            for (int i = 0; i < demand.own().size(); i++) {
                Optional<Rejection> rejection = allocate(i, hint);
                if (rejection.isPresent()) {
                    return rejection;
                }
            }
            return Optional.empty();
        }
        Optional<Rejection> nothing = demand.leavesNothing();
        if (nothing.isPresent()) {
            return nothing;
        }
        if (!isSound()) {
            pod = CpuManagerState.Pod.EMPTY;
        }
        CpuSet has = pod.ofPod();
        if (has.isEmpty()) {
            Grant grant = grant(demand.ofPod(), hint, CpuSet.empty());
            if (grant instanceof Grant.Refused refused) {
                return Optional.of(refused.rejection());
            }
            pod = pod.withOfPod(((Grant.Taken) grant).cpus());
        } else if (has.size() != demand.ofPod()) {
            return Optional.of(Rejection.unexpected(
                    Rejection.Manager.CPU,
                    "the pod's CPUs " + has + " are not the " + demand.ofPod() + " that it asks for",
                    outlook()));
        }
        return new SliceCutter(demand, picker, pod).cut(shared -> pod = shared);
    }

    /**
     * Tells if the pod's present allocation can stay: parts of its set, of the right sizes, no CPU in two exclusive
     * slices, and no container missing in between. Init containers may be missing, since they end.
     */
    private boolean isSound() {
        CpuSet exclusive = CpuSet.empty();
        boolean missing = false;
        for (int i = 0; i < demand.own().size(); i++) {
            CpuSet has = pod.containers().get(name(i));
            boolean init = demand.kind(i) == ContainerKind.INIT;
            if (has == null) {
                missing |= !init;
                continue;
            }
            boolean sized = demand.shares(i) || has.size() == demand.own().get(i);
            if (missing || !sized || !pod.ofPod().containsAll(has) || has.isEmpty()) {
                return false;
            }
            if (!init && !demand.shares(i)) {
                if (exclusive.intersects(has)) {
                    return false;
                }
                exclusive = exclusive.union(has);
            }
        }
        return true;
    }

    @Override
    public String outlook() {
        if (demand.isNothing()) {
            return "";
        }
        return CpuOutlook.of(asked(), settings.topology(), pools, others);
    }

    @Override
    public String brief() {
        return demand.isNothing() ? "" : CpuOutlook.briefOnOneNode(asked(), settings.topology(), pools, others);
    }

    private int asked() {
        return demand.ofPod() > 0 ? demand.ofPod() : demand.together();
    }
}
