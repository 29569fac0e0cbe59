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
 * The CPU manager, policy static. It decides; it holds no state of its own, so any thread may use it.
 *
 * <p>CPUs that were isolated at boot are never given to anybody, and those that are offline are not in the topology.
 */
public final class CpuManager {
    private final Settings settings;
    private final CpuSet reservedCores;

    /**
     * What the manager goes by.
     *
     * @param topology the machine's online CPUs
     * @param nodes the machine's NUMA nodes
     * @param options of the policy
     * @param reserved CPUs that no pod gets for itself
     * @param isolated CPUs that are in no pool and that no pod gets
     * @param podLevel whether pods with resources of their own are served (KEP-5526)
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
    }

    public CpuManager(Settings settings) {
        this.settings = settings;
        reservedCores = settings.topology().wholeCoresOf(settings.reserved());
    }

    /** The CPUs that a reservation of so many comes to where none are named: the lowest cores. */
    public static CpuSet reserved(CpuTopology topology, int count) {
        return new CpuAssignment(topology).packed(topology.all(), count, CpuSorting.PACKED, L3Preference.NONE);
    }

    /**
     * Begins an attempt to admit a pod, or to admit it once more: what it has then stays.
     *
     * @param state who has what before
     * @param uid the pod
     * @param exclusive what the pod's owner says about containers, by name, above the kubelet's rules
     * @param asOne whether the topology manager allocates for pods with resources of their own as one
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
     * What there is to say about resizing the set of CPUs that a pod has.
     *
     * @param others who else has what
     * @param has the pod's set
     */
    public CpuResize resize(CpuManagerState others, CpuSet has) {
        return resize(others.held(), has);
    }

    /**
     * What there is to say about resizing a set of CPUs that somebody has for himself.
     *
     * @param others what everybody else has
     */
    public CpuResize resize(CpuSet others, CpuSet has) {
        return new CpuResize(settings, new CpuPools(settings, reservedCores), others, has);
    }

    /**
     * A slice of a pod's CPUs, as close together as they can be.
     *
     * @param pool CPUs to take from
     * @param count at most as many as there are
     */
    public CpuSet slice(CpuSet pool, int count) {
        return new CpuPicker(settings).slice(pool, count);
    }

    /** Where pods and containers without CPUs of their own run; never empty. */
    public CpuSet nodeSharedPool(CpuManagerState state) {
        return nodeSharedPool(state.held());
    }

    /** The same when these CPUs are some pod's own. */
    public CpuSet nodeSharedPool(CpuSet held) {
        return new CpuPools(settings, reservedCores).shared(held);
    }

    /**
     * Whom a container of an admitted pod shares its CPUs with.
     *
     * @param exclusive what the pod's owner says, as at its admission
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

    /** What is in use. */
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
