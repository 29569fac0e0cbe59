package io.podslice.managers.memory;

import io.podslice.cgroups.CpuSet;
import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.topology.AdmissionOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The memory of all pods: blocks by pod and container, an immutable value.
 *
 * <p>The free memory of each NUMA node is not stored but computed from the blocks and from the machine ({@link
 * MemoryUse}), so no total that a kernel update moves can contradict it.
 *
 * @param pods by pod uid
 */
public record MemoryState(SortedMap<String, Pod> pods) {
    public static final MemoryState EMPTY = new MemoryState(new TreeMap<>());

    /**
     * One pod's blocks.
     *
     * @param ofPod the blocks of the pod as a whole; empty where its containers have their own
     * @param containers blocks by container name; parts of the pod's own where it has any
     */
    public record Pod(List<MemoryBlock> ofPod, SortedMap<String, List<MemoryBlock>> containers) {
        public static final Pod EMPTY = new Pod(List.of(), new TreeMap<>());

        public Pod {
            ofPod = List.copyOf(ofPod);
            SortedMap<String, List<MemoryBlock>> copy = new TreeMap<>();
            containers.forEach((name, blocks) -> copy.put(name, List.copyOf(blocks)));
            containers = Collections.unmodifiableSortedMap(copy);
        }

        /** The blocks that the node is charged for. */
        List<MemoryBlock> charged() {
            if (!ofPod.isEmpty()) {
                return ofPod;
            }
            List<MemoryBlock> all = new ArrayList<>();
            containers.values().forEach(all::addAll);
            return all;
        }

        Pod withOfPod(List<MemoryBlock> blocks) {
            return new Pod(blocks, containers);
        }

        Pod with(String container, List<MemoryBlock> blocks) {
            SortedMap<String, List<MemoryBlock>> result = new TreeMap<>(containers);
            result.put(container, blocks);
            return new Pod(ofPod, result);
        }

        Pod without(String container) {
            SortedMap<String, List<MemoryBlock>> result = new TreeMap<>(containers);
            result.remove(container);
            return new Pod(ofPod, result);
        }
    }

    public MemoryState {
        pods = Collections.unmodifiableSortedMap(new TreeMap<>(pods));
    }

    Optional<Pod> pod(String uid) {
        return Optional.ofNullable(pods.get(uid));
    }

    /**
     * Returns the NUMA nodes that a container's memory is restricted to ({@code cpuset.mems}); empty for no
     * restriction.
     */
    public CpuSet mems(String uid, String container) {
        CpuSet nodes = CpuSet.empty();
        for (MemoryBlock block : pods.getOrDefault(uid, Pod.EMPTY).containers().getOrDefault(container, List.of())) {
            nodes = nodes.union(block.nodes());
        }
        return nodes;
    }

    MemoryState with(String uid, Pod pod) {
        SortedMap<String, Pod> result = new TreeMap<>(pods);
        if (pod.equals(Pod.EMPTY)) {
            result.remove(uid);
        } else {
            result.put(uid, pod);
        }
        return new MemoryState(result);
    }

    /** Returns this state without the pod and its blocks. */
    public MemoryState withoutPod(String uid) {
        return with(uid, Pod.EMPTY);
    }

    /** Returns this state without a container; the pod's blocks as a whole go with its last container. */
    public MemoryState withoutContainer(String uid, String container) {
        Pod pod = pods.get(uid);
        if (pod == null || !pod.containers().containsKey(container)) {
            return this;
        }
        Pod left = pod.without(container);
        return with(uid, left.containers().isEmpty() ? Pod.EMPTY : left);
    }

    /**
     * Returns this state after the start of a container: the init containers before it have ended, and their blocks are
     * gone.
     */
    public MemoryState afterStartOf(String uid, PodSpec spec, String container) {
        MemoryState result = this;
        for (ContainerSpec earlier : AdmissionOrder.of(spec).containers()) {
            if (earlier.name().equals(container)) {
                return result;
            }
            if (earlier.kind() == ContainerKind.INIT) {
                result = result.withoutContainer(uid, earlier.name());
            }
        }
        return this;
    }

    /**
     * Returns the blocks that this machine cannot have, in the kubelet's words; empty if it can have all. Such a block
     * does no harm: it counts for nothing until its pod goes.
     */
    public List<String> misfits(MemoryCapacity capacity) {
        return pods.entrySet().stream()
                .flatMap(pod -> pod.getValue().containers().entrySet().stream()
                        .flatMap(container -> container.getValue().stream()
                                .flatMap(block -> misfit(block, capacity).stream())
                                .map(what -> "[memorymanager] (pod: " + pod.getKey() + ", container: "
                                        + container.getKey() + ") the memory assignment uses " + what
                                        + " that does not exist")))
                .distinct()
                .toList();
    }

    private static Optional<String> misfit(MemoryBlock block, MemoryCapacity capacity) {
        for (int node : block.nodes().toArray()) {
            Map<?, ?> amounts = capacity.byNode().get(node);
            if (amounts == null) {
                return Optional.of("the NUMA");
            }
            if (!amounts.containsKey(block.type())) {
                return Optional.of("memory resource");
            }
        }
        return Optional.empty();
    }
}
