package io.podslice.managers.placement;

import io.podslice.cgroups.CpuSet;
import io.podslice.managers.admission.ManagersState;
import io.podslice.managers.cpu.CpuManager;
import io.podslice.managers.cpu.CpuResize;
import io.podslice.managers.memory.MemoryBlock;
import io.podslice.managers.memory.MemoryManager;
import io.podslice.managers.memory.MemoryState;
import io.podslice.managers.placement.Placement.Placed;
import io.podslice.managers.placement.Placement.Rejected;
import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.Quantity;
import io.podslice.managers.pod.ResourceName;
import io.podslice.managers.topology.Rejection;
import io.podslice.managers.topology.TopologyPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Resizes a pod's placement: adds CPUs near the present ones and removes the last added first; changes memory in place.
 * Containers that shrink give to the pod before the pod gives to others; containers that grow take from the pod after
 * it has grown.
 */
final class PlacementResize {
    static final String DEFERRED = "Deferred";
    static final String INFEASIBLE = "Infeasible";

    private final @Nullable CpuManager manager;
    private final @Nullable MemoryManager memory;
    private final TopologyPolicy policy;

    PlacementResize(@Nullable CpuManager manager, @Nullable MemoryManager memory, PlacementPolicy policy) {
        this.manager = manager;
        this.memory = memory;
        this.policy = policy.topologyManagerPolicy();
    }

    /** @param others the allocations of all other pods */
    Placement to(ManagersState others, PodPlacement pod, PodSizes sizes) {
        SliceResize slices = new SliceResize(manager, policy, others.cpus().held());
        return then(
                slices.shrunk(pod, sizes.slices()),
                given -> then(
                        sized(others, given, sizes.cpus()),
                        taken -> then(
                                slices.grown(taken, sizes.slices()), cut -> withMemory(others.memory(), cut, sizes))));
    }

    private static Placement then(Placement first, Function<PodPlacement, Placement> next) {
        return first instanceof Placed(PodPlacement placed) ? next.apply(placed) : first;
    }

    private Placement sized(ManagersState others, PodPlacement pod, int cpus) {
        if (pod.ofPod().isEmpty() || cpus == pod.ofPod().size()) {
            return new Placed(pod);
        }
        if (manager == null) {
            return rejected(
                    INFEASIBLE,
                    "asked " + cpus + " CPUs; the pod has " + pod.ofPod().size() + " of its own (" + pod.ofPod()
                            + ") from before cpuManagerPolicy was none, which neither adds nor removes CPUs",
                    "");
        }
        CpuResize resize = manager.resize(others.cpus(), pod.ofPod());
        return cpus < pod.ofPod().size() ? shrunk(resize, pod, cpus) : grown(resize, pod, cpus);
    }

    private Placement grown(CpuResize resize, PodPlacement pod, int cpus) {
        Rejected misfit = wholeCores(resize, cpus);
        if (misfit != null) {
            return misfit;
        }
        if (cpus > resize.mostEver()) {
            return rejected(
                    INFEASIBLE,
                    "asked " + cpus + " CPUs; this node never has more than " + resize.mostEver() + " for pods",
                    "");
        }
        int more = cpus - pod.ofPod().size();
        String asked = "asked " + cpus + " CPUs, " + more + " more than the pod's "
                + pod.ofPod().size() + " (" + pod.ofPod() + ")";
        if (more > resize.most()) {
            return rejected(
                    DEFERRED, asked, resize.outlook(), brief(cpus, pod.ofPod().size(), resize));
        }
        List<Integer> near = resize.near(more);
        CpuSet all = pod.ofPod().union(CpuSet.of(near));
        CpuSet nodes = resize.nodesOf(pod.ofPod());
        Optional<Rejection> broken = resize.misfit(all);
        if (broken.isPresent()) {
            return rejected(DEFERRED, broken.get());
        }
        if (!allows(policy, nodes, resize.nodesOf(all), resize.fewestNodes(cpus))) {
            return rejected(
                    DEFERRED,
                    "Resources cannot be allocated with Topology locality: " + asked + "; they are on NUMA node "
                            + nodes + " and stay there under topologyManagerPolicy " + policy.text(),
                    resize.outlook(),
                    briefOnNodes(cpus, resize, nodes));
        }
        List<Integer> added = new ArrayList<>(pod.added());
        added.addAll(near);
        return new Placed(new PodPlacement(pod.containers(), all, added, pod.memory()));
    }

    static boolean allows(TopologyPolicy policy, CpuSet before, CpuSet after, int fewest) {
        return switch (policy) {
            case NONE, BEST_EFFORT -> true;
            case SINGLE_NUMA_NODE -> before.containsAll(after);
            case RESTRICTED -> before.containsAll(after) || after.size() <= fewest;
        };
    }

    static @Nullable Rejected wholeCores(CpuResize resize, int cpus) {
        Optional<Rejection> misfit = resize.misfit(cpus);
        return misfit.isEmpty() ? null : rejected(INFEASIBLE, misfit.get());
    }

    private Placement shrunk(CpuResize resize, PodPlacement pod, int cpus) {
        Rejected misfit = wholeCores(resize, cpus);
        if (misfit != null) {
            return misfit;
        }
        CpuSet sliced = resize.whole(pod.sliced());
        // All slices stay. Slices of init containers alone may lie outside the running containers' slices, where the
        // shared pool may use them.
        boolean poolRemains = pod.sharedPool().intersects(sliced);
        boolean needsOne = shares(pod) && !poolRemains;
        int least = Math.max(1, sliced.size() + (needsOne ? 1 : 0));
        if (cpus < least) {
            return rejected(
                    INFEASIBLE,
                    "asked " + cpus + " CPUs; " + sliced.size() + " of the pod's "
                            + pod.ofPod().size()
                            + " are containers' own (" + sliced + ")"
                            + (needsOne ? " and its shared containers need one" : ""),
                    "at least " + least + " would do",
                    "asked " + cpus + " CPUs, at least " + least + " would fit");
        }
        CpuSet kept = resize.without(pod.added(), sliced, cpus);
        Optional<Rejection> broken = resize.misfit(kept);
        if (broken.isPresent()) {
            return rejected(INFEASIBLE, broken.get());
        }
        List<Integer> added = new ArrayList<>(pod.added());
        added.removeIf(cpu -> !kept.contains(cpu));
        return new Placed(new PodPlacement(pod.containers(), kept, added, pod.memory()));
    }

    /** Tells if any container of the pod needs a CPU of the pod shared pool. */
    static boolean shares(PodPlacement pod) {
        boolean shares = pod.containers().isEmpty();
        for (ContainerPlacement container : pod.containers()) {
            ContainerKind kind = container.kind();
            shares |= kind.isLongRunning() && !container.isExclusive();
        }
        return shares;
    }

    private Placement withMemory(MemoryState others, PodPlacement pod, PodSizes sizes) {
        if (memory == null || pod.memory().equals(MemoryState.Pod.EMPTY)) {
            return new Placed(pod);
        }
        Optional<MemoryState.Pod> resized = pod.memory().ofPod().isEmpty()
                ? ofContainers(memory, others, pod.memory(), sizes.memory())
                : memory.resized(others, pod.memory(), sizes.memoryBytes());
        if (resized.isEmpty()) {
            Quantity asked = Quantity.ofBytes(
                    pod.memory().ofPod().isEmpty()
                            ? sum(pod.memory().containers(), sizes.memory())
                            : sizes.memoryBytes());
            long free = 0;
            for (int node : pod.memoryNodes().toArray()) {
                free += memory.freeOfOne(others, node).getOrDefault(ResourceName.MEMORY, 0L);
            }
            return rejected(
                    Rejection.Manager.MEMORY,
                    DEFERRED,
                    "asked " + asked + " of memory on NUMA node " + pod.memoryNodes()
                            + ", where the pod's memory is and stays",
                    memory.free(others) + " without the pod's own",
                    "asked " + asked + " of memory, " + Quantity.ofBytes(free) + " free there, "
                            + Quantity.ofBytes(free) + " fit");
        }
        return new Placed(new PodPlacement(pod.containers(), pod.ofPod(), pod.added(), resized.get()));
    }

    /** Resizes the containers that shrink first, so that those that grow can use the memory freed. */
    private static Optional<MemoryState.Pod> ofContainers(
            MemoryManager manager, MemoryState others, MemoryState.Pod pod, SortedMap<String, Long> sizes) {
        Optional<MemoryState.Pod> result = Optional.of(pod);
        for (boolean grows : new boolean[] {false, true}) {
            for (Map.Entry<String, Long> size : sizes.entrySet()) {
                List<MemoryBlock> has = pod.containers().get(size.getKey());
                if (has != null && grows == size.getValue() > PodPlacement.memoryBytes(has)) {
                    result = result.flatMap(before -> manager.resized(others, before, size.getKey(), size.getValue()));
                }
            }
        }
        return result;
    }

    /** Returns the bytes that all containers together would have. */
    private static long sum(SortedMap<String, List<MemoryBlock>> containers, SortedMap<String, Long> sizes) {
        long sum = 0;
        for (Map.Entry<String, List<MemoryBlock>> has : containers.entrySet()) {
            sum += sizes.getOrDefault(has.getKey(), PodPlacement.memoryBytes(has.getValue()));
        }
        return sum;
    }

    /**
     * Returns the request, the free CPUs, and the most that would fit, in a few words.
     *
     * @param has the CPUs that the pod or container has already
     */
    static String brief(int asked, int has, CpuResize resize) {
        return "asked " + asked + " CPUs, " + resize.most() + " free, " + (has + resize.most()) + " fit";
    }

    /** Returns the request and the free CPUs in a few words, of which none fit but those of the nodes. */
    static String briefOnNodes(int asked, CpuResize resize, CpuSet nodes) {
        return "asked " + asked + " CPUs, " + resize.most() + " free, those of NUMA node " + nodes + " fit";
    }

    /** A rejection by the CPU manager whose texts are short. */
    static Rejected rejected(String reason, String message, String detail) {
        return rejected(reason, message, detail, "");
    }

    /** A rejection by the CPU manager. */
    static Rejected rejected(String reason, String message, String detail, String brief) {
        return rejected(Rejection.Manager.CPU, reason, message, detail, brief);
    }

    /** A rejection for what another one says. */
    static Rejected rejected(String reason, Rejection why) {
        return rejected(Rejection.Manager.CPU, reason, why.message(), why.detail(), why.brief());
    }

    private static Rejected rejected(
            Rejection.Manager manager, String reason, String message, String detail, String brief) {
        return new Rejected(new Rejection(manager, reason, message, detail, brief), reason.equals(INFEASIBLE));
    }
}
