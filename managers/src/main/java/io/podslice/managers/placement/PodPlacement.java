package io.podslice.managers.placement;

import io.podslice.cgroups.CpuSet;
import io.podslice.managers.cpu.CpuManagerState;
import io.podslice.managers.cpu.Isolation;
import io.podslice.managers.memory.MemoryBlock;
import io.podslice.managers.memory.MemoryState;
import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.ResourceName;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * The CPUs and memory allocated to a pod: an immutable value.
 *
 * @param containers the known containers, in the spec's order
 * @param ofPod the CPU set of the pod as a whole; empty where only its containers have CPUs, or none has
 * @param added the CPUs of the pod's set that resizes added, in that order; a shrink removes them first
 * @param memory blocks on NUMA nodes; empty where memory is not accounted
 */
public record PodPlacement(
        List<ContainerPlacement> containers, CpuSet ofPod, List<Integer> added, MemoryState.Pod memory) {

    /** The placement without CPUs, memory and known containers. */
    public static final PodPlacement NONE =
            new PodPlacement(List.of(), CpuSet.empty(), List.of(), MemoryState.Pod.EMPTY);

    public PodPlacement {
        containers = List.copyOf(containers);
        added = List.copyOf(added);
    }

    /** Returns the placement of a pod without exclusive CPUs and accounted memory. */
    public static PodPlacement none(PodSpec pod) {
        return new PodPlacement(
                pod.containers().stream()
                        .map(container -> new ContainerPlacement(container.name(), container.kind(), CpuSet.empty()))
                        .toList(),
                CpuSet.empty(),
                List.of(),
                MemoryState.Pod.EMPTY);
    }

    /** Returns the placement of a pod with a CPU set whose containers are not known. */
    public static PodPlacement ofSet(CpuSet cpus) {
        return new PodPlacement(List.of(), cpus, List.of(), MemoryState.Pod.EMPTY);
    }

    /** All CPUs that belong to this pod exclusively. */
    public CpuSet cpus() {
        return ofPod.union(sliced());
    }

    /** Tells if the pod has exclusive CPUs. */
    public boolean hasCpus() {
        return !ofPod.isEmpty() || hasSlices();
    }

    /** Tells if any container has an exclusive slice. */
    public boolean hasSlices() {
        for (ContainerPlacement container : containers) {
            if (container.isExclusive()) {
                return true;
            }
        }
        return false;
    }

    /** Tells if memory is accounted for the pod. */
    public boolean hasMemory() {
        return !memory.equals(MemoryState.Pod.EMPTY);
    }

    public Optional<ContainerPlacement> container(String name) {
        for (ContainerPlacement container : containers) {
            if (container.name().equals(name)) {
                return Optional.of(container);
            }
        }
        return Optional.empty();
    }

    /** The CPUs in any container's exclusive slice. */
    public CpuSet sliced() {
        CpuSet sliced = CpuSet.empty();
        for (ContainerPlacement container : containers) {
            sliced = sliced.union(container.own());
        }
        return sliced;
    }

    /**
     * The pod shared pool: the CPUs of the pod's set that are in no long-running container's slice. Empty for a pod
     * without a set.
     */
    public CpuSet sharedPool() {
        return sharedPool(Set.of());
    }

    /**
     * Returns the pod shared pool while the given containers run: without the CPUs of a running init container, which
     * the kubelet lets overlap with it. If that leaves nothing, the slices of app containers, which do not run yet,
     * serve meanwhile; the pool may still be empty.
     *
     * @param running names of the containers that run now
     */
    public CpuSet sharedPool(Set<String> running) {
        CpuSet pool = ofPod;
        CpuSet idle = CpuSet.empty();
        for (ContainerPlacement container : containers) {
            boolean runs = running.contains(container.name());
            if (runs || container.kind().isLongRunning()) {
                pool = pool.minus(container.own());
            }
            if (!runs && container.kind() == ContainerKind.APP) {
                idle = idle.union(container.own());
            }
        }
        return pool.isEmpty() ? idleBeside(running, idle) : pool;
    }

    private CpuSet idleBeside(Set<String> running, CpuSet idle) {
        CpuSet pool = CpuSet.empty();
        for (ContainerPlacement container : containers) {
            boolean starting = container.kind() == ContainerKind.INIT && running.contains(container.name());
            pool = starting ? idle.intersection(ofPod).minus(container.own()) : pool;
        }
        return pool;
    }

    /**
     * Returns the CPUs of a container. An unknown container counts as ephemeral: it runs in the node shared pool.
     *
     * @param running names of the containers that run now
     */
    public ContainerCpus of(String name, Set<String> running) {
        ContainerPlacement known = container(name).orElse(null);
        if (known == null) {
            return ContainerCpus.HOST;
        }
        if (known.isExclusive()) {
            return new ContainerCpus(Isolation.CONTAINER, known.own());
        }
        if (known.kind() == ContainerKind.EPHEMERAL || ofPod.isEmpty()) {
            return ContainerCpus.HOST;
        }
        CpuSet pool = known.kind() == ContainerKind.INIT ? poolOfInit(name) : sharedPool(running);
        return pool.isEmpty() ? ContainerCpus.HOST : new ContainerCpus(Isolation.POD, pool);
    }

    /**
     * Returns the pool of a shared init container, which includes the CPUs of the containers that start after it, as in
     * the kubelet.
     */
    private CpuSet poolOfInit(String name) {
        CpuSet pool = ofPod;
        for (ContainerPlacement before : containers) {
            if (before.name().equals(name)) {
                break;
            }
            if (before.kind() == ContainerKind.SIDECAR) {
                pool = pool.minus(before.own());
            }
        }
        return pool;
    }

    /**
     * Returns the NUMA nodes that a container's memory is restricted to ({@code cpuset.mems}); empty for no
     * restriction. A container without accounted memory, such as an ended init container, is restricted to the pod's
     * nodes.
     */
    public CpuSet mems(String name) {
        ContainerPlacement known = container(name).orElse(null);
        if (known == null || known.kind() == ContainerKind.EPHEMERAL) {
            return CpuSet.empty();
        }
        CpuSet nodes = nodesOf(memory.containers().getOrDefault(name, List.of()));
        boolean mayHave = known.kind() == ContainerKind.INIT || !memory.ofPod().isEmpty();
        return nodes.isEmpty() && mayHave ? memoryNodes() : nodes;
    }

    /** The NUMA nodes that the pod's memory is accounted on. */
    public CpuSet memoryNodes() {
        CpuSet nodes = nodesOf(memory.ofPod());
        for (List<MemoryBlock> blocks : memory.containers().values()) {
            nodes = nodes.union(nodesOf(blocks));
        }
        return nodes;
    }

    /** The pod's accounted memory as a whole in bytes, without huge pages. */
    public long memoryBytes() {
        return memoryBytes(memory.ofPod());
    }

    static long memoryBytes(List<MemoryBlock> blocks) {
        long bytes = 0;
        for (MemoryBlock block : blocks) {
            bytes += block.type().equals(ResourceName.MEMORY) ? block.bytes() : 0;
        }
        return bytes;
    }

    private static CpuSet nodesOf(List<MemoryBlock> blocks) {
        CpuSet nodes = CpuSet.empty();
        for (MemoryBlock block : blocks) {
            nodes = nodes.union(block.nodes());
        }
        return nodes;
    }

    /** Returns this placement with that container, at the end or in place of the container of its name. */
    public PodPlacement with(ContainerPlacement container) {
        List<ContainerPlacement> result = new ArrayList<>(containers);
        boolean known = container(container.name()).isPresent();
        result.replaceAll(other -> other.name().equals(container.name()) ? container : other);
        if (!known) {
            result.add(container);
        }
        return new PodPlacement(result, ofPod, added, memory);
    }

    /**
     * Returns this placement without the container: its slice goes back to the pod shared pool, or leaves the pod if
     * the pod has no set.
     */
    public PodPlacement without(String container) {
        List<ContainerPlacement> result = new ArrayList<>(containers);
        result.removeIf(other -> other.name().equals(container));
        return new PodPlacement(result, ofPod, added, memory);
    }

    /** Returns this placement with all CPUs and memory given back; its containers are still known. */
    public PodPlacement released() {
        return new PodPlacement(
                containers.stream()
                        .map(container -> new ContainerPlacement(container.name(), container.kind(), CpuSet.empty()))
                        .toList(),
                CpuSet.empty(),
                List.of(),
                MemoryState.Pod.EMPTY);
    }

    /**
     * Returns this placement after the start of a container: the init containers before it have ended and leave their
     * memory (kubelet's PreStart).
     */
    public PodPlacement afterStartOf(String container) {
        if (memory.containers().isEmpty() || container(container).isEmpty()) {
            return this;
        }
        return withMemory(pod -> {
            SortedMap<String, List<MemoryBlock>> left = new TreeMap<>(pod.containers());
            for (ContainerPlacement earlier : containers) {
                if (earlier.name().equals(container)) {
                    break;
                }
                if (earlier.kind() == ContainerKind.INIT) {
                    left.remove(earlier.name());
                }
            }
            return new MemoryState.Pod(pod.ofPod(), left);
        });
    }

    private PodPlacement withMemory(UnaryOperator<MemoryState.Pod> change) {
        return new PodPlacement(containers, ofPod, added, change.apply(memory));
    }

    /** The pod's CPUs as the CPU manager's state: the CPUs that each container may use. */
    CpuManagerState.Pod cpuState() {
        SortedMap<String, CpuSet> cpus = new TreeMap<>();
        CpuSet pool = sharedPool();
        for (ContainerPlacement container : containers) {
            if (container.isExclusive()) {
                cpus.put(container.name(), container.own());
            } else if (!ofPod.isEmpty() && container.kind() != ContainerKind.EPHEMERAL) {
                cpus.put(
                        container.name(), container.kind() == ContainerKind.INIT ? poolOfInit(container.name()) : pool);
            }
        }
        return new CpuManagerState.Pod(ofPod, cpus);
    }
}
