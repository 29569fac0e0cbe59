package io.podslice.managers.placement;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.placement.Placement.Rejected;
import io.podslice.managers.pod.Quantity;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** What a rejected pod is told: the kubelet's sentence, then what was asked, what is free, and what would fit. */
final class RejectionTexts {
    private final Machine machine;
    private final PlacementPolicy policy;

    RejectionTexts(Machine machine, PlacementPolicy policy) {
        this.machine = machine;
        this.policy = policy;
    }

    Rejected notEnough(int cpus, FreeResources free) {
        int available = free.pool().grantableCount();
        return new Rejected(
                "UnexpectedAdmissionError",
                "Allocate failed due to not enough cpus available to satisfy request: requested=" + cpus
                        + ", available=" + available + ", which is unexpected; " + freeByNode(free)
                        + keptBack(free) + "; at most " + available + " CPUs would fit",
                cpus > allocatableCpus());
    }

    Rejected notEnoughMemory(long memoryBytes, FreeResources free) {
        return new Rejected(
                "UnexpectedAdmissionError",
                "Allocate failed due to not enough memory on the NUMA nodes: requested=" + Quantity.ofBytes(memoryBytes)
                        + ", which is unexpected; " + freeByNode(free),
                memoryBytes
                        > allocatableMemory().values().stream()
                                .mapToLong(Long::longValue)
                                .sum());
    }

    Rejected noLocality(int cpus, long memoryBytes, FreeResources free) {
        boolean ofMemory = policy.memoryManagerPolicy() == MemoryManagerPolicy.STATIC;
        String asked = cpus + " CPUs" + (ofMemory ? " and " + Quantity.ofBytes(memoryBytes) : "");
        return new Rejected(
                "TopologyAffinityError",
                "Resources cannot be allocated with Topology locality: asked " + asked
                        + " under topologyManagerPolicy "
                        + policy.topologyManagerPolicy().text() + "; "
                        + freeByNode(free) + "; at most " + mostOnOneNode(free) + " CPUs would fit on one node",
                false);
    }

    Rejected smtAlignment(int cpus, int most, FreeResources free) {
        int threads = threadsPerCore();
        if (cpus % threads != 0) {
            return new Rejected(
                    "SMTAlignmentError",
                    "SMT Alignment Error: requested " + cpus + " cpus not multiple cpus per core = " + threads + "; "
                            + (cpus - cpus % threads + threads) + " would do",
                    true);
        }
        return new Rejected(
                "SMTAlignmentError",
                "SMT Alignment Error: not enough free physical CPUs: available physical CPUs = " + most
                        + ", requested CPUs = " + cpus + ", CPUs per core = " + threads + "; " + freeByNode(free),
                cpus > allocatableCpus());
    }

    Rejected podPoolTooSmall(ContainerDemand container, CpuSet pool) {
        return new Rejected(
                "EmptyPodSharedPoolError",
                "container \"" + container.name() + "\" asks for " + container.cpus()
                        + " exclusive CPUs; the pod shared pool has " + pool.size() + " (" + pool
                        + ") and keeps one; at most " + Math.max(0, pool.size() - 1) + " would fit",
                false);
    }

    /** Threads of a core, on the whole machine's average as the kubelet counts them. */
    int threadsPerCore() {
        long cores =
                machine.cpus().stream().mapToInt(cpu -> cpu.core()).distinct().count();
        return (int) Math.max(1, machine.cpus().size() / Math.max(1, cores));
    }

    /** CPUs that pods can ever have for themselves. */
    int allocatableCpus() {
        return NodeSharedPool.of(machine, policy, List.of()).grantableCount();
    }

    SortedMap<Integer, Long> allocatableMemory() {
        return new TreeMap<>(FreeResources.of(machine, policy, List.of()).memory());
    }

    String freeByNode(FreeResources free) {
        StringBuilder text = new StringBuilder("free by NUMA node:");
        CpuSet nodes = machine.numaNodes();
        String separator = " ";
        for (int node = nodes.first(); node >= 0; node = nodes.next(node + 1)) {
            CpuSet cpus = free.pool().grantable().intersection(machine.cpusOfNode(node));
            text.append(separator)
                    .append(node)
                    .append(" has ")
                    .append(cpus.size())
                    .append(" CPUs");
            if (!cpus.isEmpty()) {
                text.append(" (").append(cpus).append(')');
            }
            if (policy.memoryManagerPolicy() == MemoryManagerPolicy.STATIC) {
                text.append(" and ").append(Quantity.ofBytes(free.memory().getOrDefault(node, 0L)));
            }
            separator = ", ";
        }
        return text.toString();
    }

    private static String keptBack(FreeResources free) {
        boolean keepsOne = free.pool().grantable().size() > free.pool().grantableCount();
        return keepsOne ? "; one CPU stays in the node shared pool" : "";
    }

    private int mostOnOneNode(FreeResources free) {
        int most = 0;
        CpuSet nodes = machine.numaNodes();
        for (int node = nodes.first(); node >= 0; node = nodes.next(node + 1)) {
            most = Math.max(
                    most,
                    free.pool()
                            .grantable()
                            .intersection(machine.cpusOfNode(node))
                            .size());
        }
        return Math.min(most, free.pool().grantableCount());
    }
}
