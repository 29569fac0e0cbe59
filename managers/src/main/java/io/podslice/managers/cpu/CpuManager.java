package io.podslice.managers.cpu;

import io.podslice.cgroups.CpuSet;
import io.podslice.managers.cpu.CpuDemand.PodLevel;
import io.podslice.managers.cpu.CpuManagerOptions.Option;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.topology.AdmissionOrder;
import io.podslice.managers.topology.NumaNodes;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The CPU manager, policy static. It decides and holds no state of its own, so any thread may use it.
 *
 * <p>CPUs isolated at boot are never allocated, and offline CPUs are not in the topology.
 */
public final class CpuManager {
    private final Settings settings;
    private final CpuSet reservedCores;

    /**
     * The fixed settings of the manager.
     *
     * @param topology the machine's online CPUs
     * @param nodes the machine's NUMA nodes
     * @param options the policy's options
     * @param reserved CPUs that no pod gets exclusively
     * @param isolated CPUs that are in no pool and that no pod gets
     * @param podLevel true if pods with pod-level resources are allocated CPUs (KEP-5526)
     */
    public record Settings(
            CpuTopology topology,
            NumaNodes nodes,
            CpuManagerOptions options,
            CpuSet reserved,
            CpuSet isolated,
            boolean podLevel) {

        boolean has(Option option) {
            return options.has(option);
        }

        /** Tells if only whole cores are allocated, and they differ in size. */
        boolean hasUnequalWholeCores() {
            return has(Option.FULL_PCPUS_ONLY) && !topology.hasEqualCores();
        }
    }

    public CpuManager(Settings settings) {
        this.settings = settings;
        reservedCores = settings.topology().wholeCoresOf(settings.reserved());
    }

    /** Returns the CPUs for a reservation of that many where none are named: the lowest cores. */
    public static CpuSet reserved(CpuTopology topology, int count) {
        return new CpuAssignment(topology).packed(topology.all(), count, CpuSorting.PACKED, L3Preference.NONE);
    }

    /**
     * Begins an attempt to admit a pod; a pod that was admitted before keeps its allocation.
     *
     * @param state the allocations of all pods before
     * @param uid the pod's uid
     * @param exclusive the pod owner's choices by container name, which override the kubelet's rules
     * @param asOne true if the topology manager allocates pods with pod-level resources as a whole
     */
    public CpuAttempt attempt(
            CpuManagerState state, String uid, PodSpec spec, Map<String, Boolean> exclusive, boolean asOne) {
        CpuDemand demand = demand(spec, exclusive, asOne);
        return new CpuAttempt(settings, new CpuPools(settings, reservedCores), state, uid, demand);
    }

    private CpuDemand demand(PodSpec spec, Map<String, Boolean> exclusive, boolean asOne) {
        PodLevel level = !settings.podLevel() ? PodLevel.NOT : asOne ? PodLevel.AS_ONE : PodLevel.BY_CONTAINER;
        return CpuDemand.of(AdmissionOrder.of(spec), exclusive, level);
    }

    /**
     * Begins the resize of a pod's CPU set.
     *
     * @param others the allocations of all other pods
     * @param has the pod's set
     */
    public CpuResize resize(CpuManagerState others, CpuSet has) {
        return resize(others.held(), has);
    }

    /**
     * Begins the resize of an exclusive CPU set of a pod or container.
     *
     * @param others all allocated CPUs outside this set
     */
    public CpuResize resize(CpuSet others, CpuSet has) {
        return new CpuResize(settings, new CpuPools(settings, reservedCores), others, has);
    }

    /**
     * Returns a slice of a pod's CPUs, as close together as possible.
     *
     * @param pool CPUs to take from
     * @param count the number of CPUs, at most the size of the pool
     */
    public CpuSet slice(CpuSet pool, int count) {
        return new CpuPicker(settings).slice(pool, count);
    }

    /** Returns the CPUs for pods and containers without exclusive CPUs; never empty. */
    public CpuSet nodeSharedPool(CpuManagerState state) {
        return nodeSharedPool(state.held());
    }

    /** Returns the node shared pool while these CPUs are allocated to pods. */
    public CpuSet nodeSharedPool(CpuSet held) {
        return new CpuPools(settings, reservedCores).shared(held);
    }

    /** Returns the CPUs that pods can have exclusively while these CPUs are allocated to pods. */
    public CpuSet grantable(CpuSet held) {
        return new CpuPools(settings, reservedCores).grantable(held);
    }

    /**
     * Returns the most CPUs that pods can have exclusively while these CPUs are allocated to pods: one of {@link #grantable}
     * stays where the node shared pool would be empty without it.
     */
    public int most(CpuSet held) {
        CpuPools pools = new CpuPools(settings, reservedCores);
        return pools.mostOf(pools.grantable(held), held);
    }

    /**
     * Returns the level at which a container of an admitted pod shares its CPUs.
     *
     * @param exclusive the pod owner's choices, as at its admission
     */
    public Isolation isolation(
            CpuManagerState state, String uid, PodSpec spec, Map<String, Boolean> exclusive, String container) {
        CpuManagerState.Pod pod = state.pod(uid);
        if (!pod.containers().containsKey(container)) {
            return Isolation.HOST;
        }
        CpuDemand demand = demand(spec, exclusive, !pod.ofPod().isEmpty());
        for (int i = 0; i < demand.own().size(); i++) {
            if (demand.spec().containers().get(i).name().equals(container)) {
                return demand.shares(i) ? Isolation.POD : Isolation.CONTAINER;
            }
        }
        return Isolation.HOST;
    }

    /** Returns the use of the node's CPUs. */
    public CpuUse use(CpuManagerState state) {
        CpuSet held = state.held();
        CpuSet exclusive = held;
        if (!settings.podLevel()) {
            exclusive = CpuSet.empty();
            for (CpuManagerState.Pod pod : state.pods().values()) {
                exclusive = exclusive.union(pod.withOfPod(CpuSet.empty()).all());
            }
        }
        CpuSet shared = new CpuPools(settings, reservedCores).shared(held);
        SortedMap<Integer, Integer> byNode = new TreeMap<>();
        for (int node : settings.topology().numaNodes().toArray()) {
            CpuSet ofNode = settings.topology().cpusOfNumaNodes(CpuSet.of(node));
            byNode.put(node, exclusive.intersection(ofNode).size());
        }
        return new CpuUse(
                exclusive, shared, 1000L * shared.minus(settings.reserved()).size(), byNode);
    }
}
