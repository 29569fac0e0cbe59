package io.podslice.managers.placement;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.placement.Placement.Placed;
import io.podslice.managers.placement.Placement.Rejected;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Resizes a pod's set of CPUs: near what it has, last added first to go, never a slice. */
final class PodSetResize {
    private static final String DEFERRED = "Deferred";
    private static final String INFEASIBLE = "Infeasible";

    private final Machine machine;
    private final PlacementPolicy policy;
    private final CpuPicker picker;
    private final NumaChoice numa;
    private final RejectionTexts texts;

    PodSetResize(Machine machine, PlacementPolicy policy, CpuPicker picker, NumaChoice numa, RejectionTexts texts) {
        this.machine = machine;
        this.policy = policy;
        this.picker = picker;
        this.numa = numa;
        this.texts = texts;
    }

    Placement to(PodPlacement pod, int cpus, long memoryBytes, FreeResources free) {
        int threads = texts.threadsPerCore();
        if (policy.has(CpuManagerPolicyOption.FULL_PCPUS_ONLY) && cpus % threads != 0) {
            return new Rejected(INFEASIBLE, texts.smtAlignment(cpus, 0, free).message(), true);
        }
        int now = pod.cpus().size();
        return cpus < now ? shrunk(pod, cpus, memoryBytes, free) : grown(pod, cpus, memoryBytes, free);
    }

    private Placement grown(PodPlacement pod, int cpus, long memoryBytes, FreeResources free) {
        int more = cpus - pod.cpus().size();
        CpuSet candidates = free.pool().grantable();
        if (policy.has(CpuManagerPolicyOption.FULL_PCPUS_ONLY)) {
            candidates = picker.wholeCores(candidates);
        }
        if (cpus > texts.allocatableCpus()) {
            return new Rejected(
                    INFEASIBLE,
                    "asked " + cpus + " CPUs; this node never has more than " + texts.allocatableCpus() + " for pods",
                    true);
        }
        if (more > Math.min(candidates.size(), free.pool().grantableCount())) {
            return new Rejected(DEFERRED, shortage(pod, cpus, more, free), false);
        }
        CpuSet nodes = machine.nodesOf(pod.cpus());
        List<Integer> near = picker.near(pod.cpus(), more, candidates);
        CpuSet all = pod.cpus().union(CpuSet.of(near));
        if (!allows(nodes, machine.nodesOf(all), cpus, memoryBytes)) {
            return new Rejected(
                    DEFERRED,
                    "Resources cannot be allocated with Topology locality: " + shortage(pod, cpus, more, free)
                            + "; the pod's CPUs are on NUMA node " + nodes + " and stay there under"
                            + " topologyManagerPolicy "
                            + policy.topologyManagerPolicy().text(),
                    false);
        }
        List<Integer> added = new ArrayList<>(pod.added());
        added.addAll(near);
        return withMemory(pod, cpus, all, added, memoryBytes, free);
    }

    private boolean allows(CpuSet before, CpuSet after, int cpus, long memoryBytes) {
        return switch (policy.topologyManagerPolicy()) {
            case NONE, BEST_EFFORT -> true;
            case SINGLE_NUMA_NODE -> before.containsAll(after);
            case RESTRICTED ->
                before.containsAll(after) || after.size() <= numa.fewest(cpus, memoryBytes, texts.allocatableMemory());
        };
    }

    private String shortage(PodPlacement pod, int cpus, int more, FreeResources free) {
        return "asked " + cpus + " CPUs, " + more + " more than the pod's "
                + pod.cpus().size() + " (" + pod.cpus() + "); " + texts.freeByNode(free);
    }

    private Placement shrunk(PodPlacement pod, int cpus, long memoryBytes, FreeResources free) {
        CpuSet sliced = pod.sliced();
        // All slices stay. Those of init containers alone may be outside the running containers', for the pool to use.
        boolean poolRemains = !pod.sharedPool(Set.of()).intersection(sliced).isEmpty();
        int least = Math.max(1, sliced.size() + (shares(pod) && !poolRemains ? 1 : 0));
        if (cpus < least) {
            return new Rejected(
                    INFEASIBLE,
                    "asked " + cpus + " CPUs; " + sliced.size() + " of the pod's "
                            + pod.cpus().size()
                            + " are containers' own (" + sliced + ")"
                            + (least > sliced.size() ? " and its shared containers need one" : "")
                            + "; at least " + least + " would do",
                    true);
        }
        CpuSet left = pod.cpus();
        for (int cpu : pod.added().reversed()) {
            if (left.size() > cpus && !sliced.contains(cpu)) {
                left = left.minus(CpuSet.of(cpu));
            }
        }
        CpuSet kept = left.size() > cpus ? sliced.union(picker.pick(cpus - sliced.size(), left.minus(sliced))) : left;
        List<Integer> added = new ArrayList<>(pod.added());
        added.removeIf(cpu -> !kept.contains(cpu));
        return withMemory(pod, cpus, kept, added, memoryBytes, free);
    }

    private static boolean shares(PodPlacement pod) {
        boolean shares = pod.demand().containers().isEmpty();
        for (ContainerDemand container : pod.demand().containers()) {
            shares |= container.kind().isLongRunning() && !container.isExclusive();
        }
        return shares;
    }

    private Placement withMemory(
            PodPlacement pod, int cpus, CpuSet all, List<Integer> added, long memoryBytes, FreeResources free) {
        CpuSet nodes = machine.nodesOf(all).union(CpuSet.of(pod.memory().keySet()));
        SortedMap<Integer, Long> available = new TreeMap<>(free.memory());
        pod.memory().forEach((node, bytes) -> available.merge(node, bytes, Long::sum));
        SortedMap<Integer, Long> memory = numa.memoryOn(nodes, memoryBytes, available);
        long given = memory.values().stream().mapToLong(Long::longValue).sum();
        if (policy.memoryManagerPolicy() == MemoryManagerPolicy.STATIC && given < memoryBytes) {
            return new Rejected(
                    DEFERRED,
                    "asked memory of " + memoryBytes + " bytes on NUMA node " + nodes + ", where " + given
                            + " are free for the pod; " + texts.freeByNode(free),
                    false);
        }
        PodDemand demand = pod.demand().withCpusAndMemory(cpus, memoryBytes);
        return new Placed(new PodPlacement(demand, all, added, pod.slices(), memory));
    }
}
