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
 * The CPUs and memory that a pod was given: an immutable value.
 *
 * @param containers in the spec's order, as far as they are known
 * @param ofPod what the pod has as a whole; empty where only its containers have CPUs, or nobody has
 * @param added those of the pod's set that resizes added, in that order; the first to go again
 * @param memory blocks on NUMA nodes; nothing where memory is not accounted
 */
public record PodPlacement(
        List<ContainerPlacement> containers, CpuSet ofPod, List<Integer> added, MemoryState.Pod memory) {

    /** Nothing, and no container known. */
    public static final PodPlacement NONE =
            new PodPlacement(List.of(), CpuSet.empty(), List.of(), MemoryState.Pod.EMPTY);

    public PodPlacement {
        containers = List.copyOf(containers);
        added = List.copyOf(added);
    }

    /** For a pod that has nothing of its own. */
    public static PodPlacement none(PodSpec pod) {
        return new PodPlacement(
                pod.containers().stream()
                        .map(container -> new ContainerPlacement(container.name(), container.kind(), CpuSet.empty()))
                        .toList(),
                CpuSet.empty(),
                List.of(),
                MemoryState.Pod.EMPTY);
    }

    /** A set for a pod whose containers are not known. */
    public static PodPlacement ofSet(CpuSet cpus) {
        return new PodPlacement(List.of(), cpus, List.of(), MemoryState.Pod.EMPTY);
    }

    /** All CPUs that are the pod's and no other's. */
    public CpuSet cpus() {
        return ofPod.union(sliced());
    }

    /** Whether the pod has CPUs of its own. */
    public boolean hasCpus() {
        return !ofPod.isEmpty() || hasSlices();
    }

    /** Whether any container has CPUs for itself alone. */
    public boolean hasSlices() {
        for (ContainerPlacement container : containers) {
            if (container.isExclusive()) {
                return true;
            }
        }
        return false;
    }

    /** Whether memory is accounted for the pod. */
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

    /** CPUs in any container's slice. */
    public CpuSet sliced() {
        CpuSet sliced = CpuSet.empty();
        for (ContainerPlacement container : containers) {
            sliced = sliced.union(container.own());
        }
        return sliced;
    }

    /** The pod shared pool: the pod's CPUs that are in no long-running container's slice. Empty without a pod's set. */
    public CpuSet sharedPool() {
        return sharedPool(Set.of());
    }

    /**
     * The pod shared pool at a moment: without the CPUs of an init container that runs, which the kubelet lets overlap. If
     * that leaves nothing, those of app containers, which do not run yet, serve meanwhile; it may still be empty.
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
     * Where a container runs. One that is not known counts as ephemeral: in the node shared pool.
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

    /** A shared init container also has the CPUs of the containers that start after it, as in the kubelet. */
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
     * The NUMA nodes that a container's memory is kept to ({@code cpuset.mems}); empty where it is not. A container whose
     * part is not known, be it of an init container that has ended, is kept to the pod's nodes.
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

    /** Bytes of memory, without huge pages, that the pod has as a whole. */
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

    /** With that container known, at the end or in place of the one of its name. */
    public PodPlacement with(ContainerPlacement container) {
        List<ContainerPlacement> result = new ArrayList<>(containers);
        boolean known = container(container.name()).isPresent();
        result.replaceAll(other -> other.name().equals(container.name()) ? container : other);
        if (!known) {
            result.add(container);
        }
        return new PodPlacement(result, ofPod, added, memory);
    }

    /** Without the container: its slice is back in the pod shared pool, or no longer the pod's where there is none. */
    public PodPlacement without(String container) {
        List<ContainerPlacement> result = new ArrayList<>(containers);
        result.removeIf(other -> other.name().equals(container));
        return new PodPlacement(result, ofPod, added, memory);
    }

    /** With all that it had given back; its containers are still known. */
    public PodPlacement released() {
        return new PodPlacement(
                containers.stream()
                        .map(container -> new ContainerPlacement(container.name(), container.kind(), CpuSet.empty()))
                        .toList(),
                CpuSet.empty(),
                List.of(),
                MemoryState.Pod.EMPTY);
    }

    /** Once a container starts, the init containers before it have ended and leave their memory (kubelet's PreStart). */
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

    /** The CPUs as the CPU manager knows them: what each container of the pod may use. */
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
