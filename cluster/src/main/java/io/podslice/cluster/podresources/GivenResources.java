package io.podslice.cluster.podresources;

import io.podslice.cgroups.CpuSet;
import io.podslice.managers.memory.MemoryBlock;
import io.podslice.managers.placement.ContainerPlacement;
import io.podslice.managers.placement.CpuManagerPolicy;
import io.podslice.managers.placement.MemoryManagerPolicy;
import io.podslice.managers.placement.NodeSupply;
import io.podslice.managers.placement.PodPlacement;
import io.podslice.node.NodeAllocations;
import io.podslice.node.NodeAllocations.PodAllocation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The CPUs and memory that podslice has given to the pods of a node, in the terms of PodResources. Pure. */
final class GivenResources {
    private final NodeAllocations node;
    private final Map<String, PodAllocation> pods = new HashMap<>();

    /** @throws AmbiguousPodException if two pods of one name run, which the API cannot tell apart */
    GivenResources(NodeAllocations node) throws AmbiguousPodException {
        this.node = node;
        for (PodAllocation pod : node.pods()) {
            PodPlacement placement = pod.placement();
            if (pod.stopped() || !(placement.hasCpus() || placement.hasMemory())) {
                continue;
            }
            if (pods.put(key(pod.namespace(), pod.name()), pod) != null) {
                throw new AmbiguousPodException(pod.namespace(), pod.name());
            }
        }
    }

    private static String key(String namespace, String name) {
        return namespace + "/" + name;
    }

    /** Returns a pod's CPUs and memory; null for a pod to which podslice has given none. */
    @Nullable
    PodPlacement pod(String namespace, String name) {
        PodAllocation pod = pods.get(key(namespace, name));
        return pod == null ? null : pod.placement();
    }

    /**
     * Returns the CPUs and memory of a container: its exclusive slice, or, where the pod has no memory as a whole, its own
     * memory. Empty for a container that podslice does not know: the kubelet's word on it stays.
     */
    static Optional<AnswerFields> container(PodPlacement pod, String name) {
        Optional<ContainerPlacement> known = pod.container(name);
        if (known.isEmpty()) {
            return Optional.empty();
        }
        boolean own = known.get().isExclusive() || pod.memory().ofPod().isEmpty();
        List<MemoryBlock> memory = own ? pod.memory().containers().getOrDefault(name, List.of()) : List.of();
        return Optional.of(new AnswerFields(known.get().own(), memory));
    }

    /** Returns the CPUs and memory of a pod as a whole; nothing where only its containers have some. */
    static AnswerFields ofPod(PodPlacement pod) {
        return new AnswerFields(pod.ofPod(), pod.memory().ofPod());
    }

    /** Tells if podslice gives CPUs to pods. */
    boolean givesCpus() {
        return node.policy().cpuManagerPolicy() == CpuManagerPolicy.STATIC;
    }

    /** Tells if podslice accounts memory by NUMA node. */
    boolean givesMemory() {
        return node.policy().memoryManagerPolicy() == MemoryManagerPolicy.STATIC;
    }

    /** Returns the CPUs and memory that pods can have on an empty node. */
    AnswerFields allocatable() {
        NodeSupply supply = node.supply();
        List<MemoryBlock> memory = new ArrayList<>();
        supply.zones()
                .forEach((id, zone) -> zone.memory()
                        .forEach((type, bytes) ->
                                memory.add(new MemoryBlock(CpuSet.of(id), type, bytes.allocatable()))));
        return new AnswerFields(supply.allocatable(), memory);
    }
}
