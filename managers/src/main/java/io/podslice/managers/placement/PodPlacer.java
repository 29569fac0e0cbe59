package io.podslice.managers.placement;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.admission.Admission;
import io.podslice.managers.admission.ManagersState;
import io.podslice.managers.admission.PodAdmission;
import io.podslice.managers.cpu.CpuManager;
import io.podslice.managers.cpu.CpuTopology;
import io.podslice.managers.cpu.Isolation;
import io.podslice.managers.memory.MemoryCapacity;
import io.podslice.managers.memory.MemoryManager;
import io.podslice.managers.memory.MemoryState;
import io.podslice.managers.placement.Placement.Placed;
import io.podslice.managers.placement.Placement.Rejected;
import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.Quantity;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceName;
import io.podslice.managers.pod.ResourceRequirements;
import io.podslice.managers.topology.AdmissionOrder;
import io.podslice.managers.topology.DeviceHints;
import io.podslice.managers.topology.HintExplanation;
import io.podslice.managers.topology.HintMerger;
import io.podslice.managers.topology.HintProvider;
import io.podslice.managers.topology.NumaNodes;
import io.podslice.managers.topology.Rejection;
import io.podslice.managers.topology.TopologyManager;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides which CPUs and memory a pod gets on one machine under one policy: the three managers behind one door. Pure:
 * any thread may use it, and the same question has the same answer.
 */
public final class PodPlacer {
    private final Machine machine;
    private final PlacementPolicy policy;
    private final NumaNodes nodes;
    private final @Nullable CpuManager cpus;
    private final PodAdmission admission;
    private final PlacementResize resize;

    /**
     * A placer for a machine.
     *
     * @throws IllegalArgumentException with the kubelet's text if the policy cannot be had on this machine
     */
    public PodPlacer(Machine machine, PlacementPolicy policy) {
        this.machine = machine;
        this.policy = policy;
        this.nodes = NumaNodes.of(machine);
        CpuTopology topology = CpuTopology.of(machine);
        boolean isStatic = policy.cpuManagerPolicy() == CpuManagerPolicy.STATIC;
        CpuSet unknown = policy.reservedSystemCpus().minus(machine.cpuSet().union(machine.offline()));
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException("reservedSystemCPUs \"" + policy.reservedSystemCpus()
                    + "\": this machine" + " has no CPU " + unknown + "; its CPUs are " + machine.cpuSet());
        }
        policy.cpuManagerPolicyOptions().check(topology, policy.topologyManagerPolicy());
        this.cpus = isStatic
                ? new CpuManager(new CpuManager.Settings(
                        topology,
                        nodes,
                        policy.cpuManagerPolicyOptions(),
                        policy.reservedSystemCpus(),
                        machine.isolated(),
                        true))
                : null;
        MemoryManager memory = policy.memoryManagerPolicy() == MemoryManagerPolicy.STATIC
                ? new MemoryManager(MemoryCapacity.of(machine, policy.reservedMemory()), true)
                : null;
        HintMerger merger = new HintMerger(
                nodes,
                policy.topologyManagerPolicy(),
                policy.topologyManagerPolicyOptions().preferClosestNumaNodes());
        this.admission =
                new PodAdmission(new TopologyManager(merger, policy.topologyManagerScope()), cpus, memory, true);
        this.resize = new PlacementResize(cpus, memory, policy);
    }

    /**
     * A place for a pod beside all others, or, for one that has a place already, the same place once more.
     *
     * @param all what all pods have; what this one has, it keeps
     * @param uid the pod
     * @param spec with its defaults, checked
     * @param exclusive what the pod's owner says about containers, by name, above the kubelet's rules
     */
    public Placement place(NodePlacements all, String uid, PodSpec spec, Map<String, Boolean> exclusive) {
        return place(all, uid, spec, exclusive, Map.of());
    }

    /**
     * The same for a pod with devices to be aligned with.
     *
     * @param devices for a container, by name, the NUMA nodes that each of its devices is local to
     */
    public Placement place(
            NodePlacements all,
            String uid,
            PodSpec spec,
            Map<String, Boolean> exclusive,
            Map<String, List<CpuSet>> devices) {
        return place(all.state(), uid, spec, exclusive, devices);
    }

    Placement place(
            ManagersState all,
            String uid,
            PodSpec spec,
            Map<String, Boolean> exclusive,
            Map<String, List<CpuSet>> devices) {
        List<HintProvider> local = devices.isEmpty() ? List.of() : List.of(deviceHints(spec, devices));
        return switch (admission.admit(all, uid, spec, exclusive, local)) {
            case Admission.Admitted admitted -> new Placed(placement(admitted.state(), uid, spec, exclusive));
            case Admission.Rejected(Rejection rejection) ->
                new Rejected(
                        withPolicy(rejection),
                        admission.admit(ManagersState.EMPTY, uid, spec, exclusive, local)
                                instanceof Admission.Rejected);
        };
    }

    /** Why {@link #place} answers what it does: what was considered, and why each lost. */
    public List<HintExplanation> explain(NodePlacements all, String uid, PodSpec spec, Map<String, Boolean> exclusive) {
        return admission.explain(all.state(), uid, spec, exclusive);
    }

    /** Which policy it was goes without saying for the kubelet, but not for who reads the refusal. */
    private Rejection withPolicy(Rejection rejection) {
        return rejection.reason().equals(Rejection.TOPOLOGY_AFFINITY)
                ? new Rejection(
                        rejection.reason(),
                        rejection.message(),
                        "topologyManagerPolicy "
                                + policy.topologyManagerPolicy().text() + "; " + rejection.detail())
                : rejection;
    }

    private DeviceHints deviceHints(PodSpec spec, Map<String, List<CpuSet>> devices) {
        return new DeviceHints(
                nodes,
                AdmissionOrder.of(spec).containers().stream()
                        .map(container -> devices.getOrDefault(container.name(), List.of()))
                        .toList());
    }

    private PodPlacement placement(ManagersState state, String uid, PodSpec spec, Map<String, Boolean> exclusive) {
        List<ContainerPlacement> containers = new ArrayList<>(spec.containers().size());
        for (ContainerSpec container : spec.containers()) {
            boolean own = cpus != null
                    && cpus.isolation(state.cpus(), uid, spec, exclusive, container.name()) == Isolation.CONTAINER;
            containers.add(new ContainerPlacement(
                    container.name(),
                    container.kind(),
                    own ? state.cpus().cpus(uid, container.name()) : CpuSet.empty()));
        }
        return new PodPlacement(
                containers,
                state.cpus().pod(uid).ofPod(),
                List.of(),
                state.memory().pods().getOrDefault(uid, MemoryState.Pod.EMPTY));
    }

    /**
     * For a pod that was rejected: the running pod that would have to leave the fewest CPUs for it to fit, and where to.
     * Empty where no single move would do. Costs two admissions for each pod that has CPUs.
     *
     * @param all what all pods have; nothing is changed. Their devices do not count
     * @param devices the rejected pod's, as for {@link #place}
     */
    public Optional<SmallestMove> smallestMove(
            NodePlacements all,
            String uid,
            PodSpec spec,
            Map<String, Boolean> exclusive,
            Map<String, List<CpuSet>> devices) {
        return new MoveSearch(this, all, devices).forPod(uid, spec, exclusive);
    }

    /**
     * More or fewer CPUs, and more or less memory, for a pod that has them as a whole, and for containers of it that have
     * some for themselves. CPUs are added near those there are; those added last go first; memory stays on its nodes.
     *
     * @param all what all pods have, this one included
     * @param sizes what the pod shall have; it stays without what it has nothing of
     * @return a rejection's reason is {@code Deferred} or {@code Infeasible}
     */
    public Placement resize(NodePlacements all, String uid, PodSizes sizes) {
        PodPlacement pod = all.pods().getOrDefault(uid, PodPlacement.NONE);
        return resize.to(all.without(uid).state(), pod, sizes);
    }

    /**
     * A slice for a container that turns up in a running pod whose containers are not known from a spec: cut from the pod
     * shared pool, of which one CPU stays, or straight from the node where the pod has no set. Under CPU manager policy
     * none it shares.
     *
     * @param all what all pods have, this one included
     * @param container not known yet
     * @param count how many CPUs it shall have for itself
     */
    public Placement carve(NodePlacements all, String uid, String container, int count) {
        PodPlacement pod = all.pods().getOrDefault(uid, PodPlacement.NONE);
        if (cpus == null) {
            return new Placed(pod.with(new ContainerPlacement(container, ContainerKind.APP, CpuSet.empty())));
        }
        if (pod.ofPod().isEmpty()) {
            return alone(all, uid, pod, container, count);
        }
        CpuSet pool = pod.sharedPool();
        if (count >= pool.size()) {
            return new Rejected(
                    new Rejection(
                            Rejection.EMPTY_POD_SHARED_POOL,
                            "container \"" + container + "\" asks for " + count + " exclusive CPUs; the pod shared pool"
                                    + " has " + pool.size() + " (" + pool + ") and keeps one",
                            "at most " + Math.max(0, pool.size() - 1) + " would fit"),
                    false);
        }
        return new Placed(pod.with(new ContainerPlacement(container, ContainerKind.APP, cpus.slice(pool, count))));
    }

    /** As if all the pod's containers with CPUs of their own were in its spec: those that have them keep them. */
    private Placement alone(NodePlacements all, String uid, PodPlacement pod, String container, int count) {
        List<ContainerSpec> asking = new ArrayList<>();
        Map<String, Boolean> exclusive = new HashMap<>();
        for (ContainerPlacement known : pod.containers()) {
            if (known.isExclusive()) {
                asking.add(asking(known.name(), known.own().size()));
                exclusive.put(known.name(), true);
            }
        }
        asking.add(asking(container, count));
        exclusive.put(container, true);
        PodSpec spec = new PodSpec(ResourceRequirements.NONE, asking);
        return switch (place(all, uid, spec, exclusive)) {
            case Rejected rejected -> rejected;
            case Placed(PodPlacement placed) ->
                new Placed(pod.with(placed.container(container).orElseThrow()));
        };
    }

    private static ContainerSpec asking(String name, int cpus) {
        ResourceList requests = ResourceList.EMPTY.with(ResourceName.CPU, Quantity.ofMillis(1000L * cpus));
        return new ContainerSpec(name, ContainerKind.APP, new ResourceRequirements(requests, ResourceList.EMPTY));
    }

    /**
     * Where pods and containers without CPUs of their own run; never empty. Pods keep what they have though the policy may
     * be another one since.
     */
    public CpuSet nodeSharedPool(NodePlacements all) {
        CpuSet held = all.held();
        CpuSet pool = cpus == null ? CpuSet.empty() : cpus.nodeSharedPool(held);
        return pool.isEmpty() ? machine.cpuSet().minus(machine.isolated()).minus(held) : pool;
    }
}
