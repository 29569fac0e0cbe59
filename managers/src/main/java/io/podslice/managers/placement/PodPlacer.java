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
 * Decides the CPUs and memory of pods on one machine under one policy; the interface to the three managers. Pure: any
 * thread may use it, and equal questions get equal answers.
 */
public final class PodPlacer {
    private final Machine machine;
    private final PlacementPolicy policy;
    private final NumaNodes nodes;
    private final @Nullable CpuManager cpus;
    private final @Nullable MemoryManager memory;
    private final PodAdmission admission;
    private final PlacementResize resize;

    /**
     * Makes a placer for a machine.
     *
     * @throws IllegalArgumentException with the kubelet's text if this machine does not support the policy
     */
    public PodPlacer(Machine machine, PlacementPolicy policy) {
        this.machine = machine;
        this.policy = policy;
        this.nodes = NumaNodes.of(machine);
        CpuTopology topology = CpuTopology.of(machine);
        boolean isStatic = policy.cpuManagerPolicy() == CpuManagerPolicy.STATIC;
        CpuSet unknown = policy.reservedSystemCpus()
                .minus(machine.cpuSet().union(machine.offline()).union(machine.barred()));
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
        this.memory = policy.memoryManagerPolicy() == MemoryManagerPolicy.STATIC
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
     * Places a pod beside all others; a pod that is placed already keeps its placement.
     *
     * @param all the placements of all pods; this pod keeps its own
     * @param uid the pod's uid
     * @param spec the pod's spec with its defaults, validated
     * @param exclusive the pod owner's choices by container name, which override the kubelet's rules
     */
    public Placement place(NodePlacements all, String uid, PodSpec spec, Map<String, Boolean> exclusive) {
        return place(all, uid, spec, exclusive, Map.of());
    }

    /**
     * Places a pod that has devices to align with.
     *
     * @param devices by container name, the NUMA nodes that each of its devices is local to
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
        List<HintProvider> local = deviceHints(spec, devices);
        return switch (admission.admit(all, uid, spec, exclusive, local)) {
            case Admission.Admitted admitted -> new Placed(placement(admitted.state(), uid, spec, exclusive));
            case Admission.Rejected(Rejection rejection) ->
                new Rejected(
                        withPolicy(rejection),
                        admission.admit(ManagersState.EMPTY, uid, spec, exclusive, local)
                                instanceof Admission.Rejected);
        };
    }

    /** Explains the answer of {@link #place}: the candidates considered, and why each lost. */
    public List<HintExplanation> explain(NodePlacements all, String uid, PodSpec spec, Map<String, Boolean> exclusive) {
        return explain(all, uid, spec, exclusive, Map.of());
    }

    /**
     * Explains the answer of {@link #place} to a pod that has devices to align with.
     *
     * @param devices by container name, the NUMA nodes that each of its devices is local to
     */
    public List<HintExplanation> explain(
            NodePlacements all,
            String uid,
            PodSpec spec,
            Map<String, Boolean> exclusive,
            Map<String, List<CpuSet>> devices) {
        return admission.explain(all.state(), uid, spec, exclusive, deviceHints(spec, devices));
    }

    /**
     * Adds the topology policy to the rejection's text; the kubelet leaves it out, but the reader of the refusal needs
     * it.
     */
    private Rejection withPolicy(Rejection rejection) {
        return rejection.reason().equals(Rejection.TOPOLOGY_AFFINITY)
                ? rejection.withDetail("topologyManagerPolicy "
                        + policy.topologyManagerPolicy().text() + "; " + rejection.detail())
                : rejection;
    }

    /**
     * Returns the devices as a resource to align with. Those of containers that the spec does not name, as of a pod that is
     * known by inference, count for the pod as a whole.
     */
    private List<HintProvider> deviceHints(PodSpec spec, Map<String, List<CpuSet>> devices) {
        if (devices.isEmpty()) {
            return List.of();
        }
        List<List<CpuSet>> ofContainers = new ArrayList<>();
        for (ContainerSpec container : AdmissionOrder.of(spec).containers()) {
            ofContainers.add(devices.getOrDefault(container.name(), List.of()));
        }
        devices.forEach((name, its) -> {
            if (spec.container(name).isEmpty()) {
                ofContainers.add(its);
            }
        });
        return List.of(new DeviceHints(nodes, ofContainers));
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
     * Returns the running pod that would have to leave the fewest CPUs for a rejected pod to fit, and the CPUs that it
     * would move to. Empty where no single move suffices. Costs two admissions for each pod that has CPUs.
     *
     * @param all the placements of all pods, which stay unchanged; their devices do not count
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
     * Resizes a pod's CPUs and memory as a whole, and the exclusive slices and memory of its containers. Adds CPUs near
     * the present ones, removes the last added first, and leaves memory on its nodes.
     *
     * @param all the placements of all pods, this one included
     * @param sizes the desired sizes; a resource of which the pod has nothing stays so
     * @return the new placement, or a rejection with the reason {@code Deferred} or {@code Infeasible}
     */
    public Placement resize(NodePlacements all, String uid, PodSizes sizes) {
        PodPlacement pod = all.pods().getOrDefault(uid, PodPlacement.NONE);
        return resize.to(all.without(uid).state(), pod, sizes);
    }

    /**
     * Returns a pod's placement with other CPUs in place of those that the machine no longer has: as many as are free
     * near the pod's other CPUs, and where the topology policy allows. What cannot be replaced stays in the placement:
     * the CPU may come back.
     *
     * @param all the placements of all pods, this one included
     * @param home the NUMA nodes of the CPUs that the machine no longer has; empty where they are not known
     */
    public PodPlacement replaceGone(NodePlacements all, String uid, CpuSet home) {
        PodPlacement pod = all.pods().getOrDefault(uid, PodPlacement.NONE);
        return cpus == null
                ? pod
                : new GoneReplacement(cpus, policy.topologyManagerPolicy(), machine.cpuSet(), home)
                        .of(all.without(uid).held(), pod);
    }

    /**
     * Cuts an exclusive slice for a container that appears in a running pod whose containers are not known from a spec:
     * from the pod shared pool, which keeps one CPU, or directly from the node where the pod has no set. Under CPU
     * manager policy none the container shares.
     *
     * @param all the placements of all pods, this one included
     * @param container name of a container that is not known yet
     * @param count the number of exclusive CPUs
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
                            Rejection.Manager.CPU,
                            Rejection.EMPTY_POD_SHARED_POOL,
                            "container \"" + container + "\" asks for " + count + " exclusive CPUs; the pod shared pool"
                                    + " has " + pool.size() + " (" + pool + ") and keeps one",
                            "at most " + Math.max(0, pool.size() - 1) + " would fit",
                            "asked " + count + " CPUs, " + pool.size() + " free in the pod shared pool, "
                                    + Math.max(0, pool.size() - 1) + " fit"),
                    false);
        }
        return new Placed(pod.with(new ContainerPlacement(container, ContainerKind.APP, cpus.slice(pool, count))));
    }

    /**
     * Places the container as if all the pod's containers with exclusive CPUs were in its spec; those that have a slice
     * keep it.
     */
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

    /** Returns the CPUs and memory of each NUMA node, and what of them is free beside these placements. */
    public NodeSupply supply(NodePlacements all) {
        return NodeSupply.of(machine, policy, cpus, memory, all);
    }

    /**
     * Returns the CPUs for pods and containers without exclusive CPUs; never empty. Pods keep their CPUs even where the
     * policy has changed since.
     */
    public CpuSet nodeSharedPool(NodePlacements all) {
        CpuSet held = all.held();
        CpuSet pool = cpus == null ? CpuSet.empty() : cpus.nodeSharedPool(held);
        return pool.isEmpty() ? machine.cpuSet().minus(machine.isolated()).minus(held) : pool;
    }
}
