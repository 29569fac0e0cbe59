package io.podslice.managers.placement;

import io.podslice.cgroups.CpuSet;
import io.podslice.managers.pod.ContainerKind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The CPUs and memory that a pod was given.
 *
 * @param demand what it was given for
 * @param cpus all CPUs that are the pod's and no other's
 * @param added those of them that resizes added, in that order; the first to go again
 * @param slices the containers' own CPUs, all within {@code cpus}
 * @param memory bytes accounted on each NUMA node; empty where memory is not accounted
 */
public record PodPlacement(
        PodDemand demand,
        CpuSet cpus,
        List<Integer> added,
        List<ExclusiveSlice> slices,
        SortedMap<Integer, Long> memory) {

    /** For a pod that has nothing of its own. */
    public static PodPlacement none(PodDemand demand) {
        return new PodPlacement(demand, CpuSet.empty(), List.of(), List.of(), new TreeMap<>());
    }

    public PodPlacement {
        added = List.copyOf(added);
        slices = List.copyOf(slices);
        memory = Collections.unmodifiableSortedMap(new TreeMap<>(memory));
    }

    /** Whether the pod has CPUs of its own. */
    public boolean hasCpus() {
        return !cpus.isEmpty();
    }

    public Optional<ExclusiveSlice> slice(String container) {
        for (ExclusiveSlice slice : slices) {
            if (slice.container().equals(container)) {
                return Optional.of(slice);
            }
        }
        return Optional.empty();
    }

    /** CPUs in any container's slice. */
    public CpuSet sliced() {
        CpuSet sliced = CpuSet.empty();
        for (ExclusiveSlice slice : slices) {
            sliced = sliced.union(slice.cpus());
        }
        return sliced;
    }

    /**
     * The pod shared pool: the pod's CPUs that are in no long-running container's slice, nor in that of an init
     * container that runs now. Empty for a pod that has only slices.
     *
     * @param runningInits names of the init containers that run now
     */
    public CpuSet sharedPool(Set<String> runningInits) {
        if (demand.cpus() == 0) {
            return CpuSet.empty();
        }
        CpuSet pool = cpus;
        for (ExclusiveSlice slice : slices) {
            if (slice.kind() != ContainerKind.INIT || runningInits.contains(slice.container())) {
                pool = pool.minus(slice.cpus());
            }
        }
        return pool;
    }

    /**
     * Where a container runs. One that is not in the pod's spec counts as ephemeral: in the node shared pool.
     *
     * @param runningInits names of the init containers that run now
     */
    public ContainerCpus of(String container, Set<String> runningInits) {
        Optional<ExclusiveSlice> slice = slice(container);
        if (slice.isPresent()) {
            return new ContainerCpus.Exclusive(slice.get().cpus());
        }
        ContainerDemand known = demand.container(container).orElse(null);
        if (known == null || known.kind() == ContainerKind.EPHEMERAL || demand.cpus() == 0) {
            return new ContainerCpus.NodeShared();
        }
        CpuSet pool = known.kind() == ContainerKind.INIT ? poolOfInit(container) : sharedPool(runningInits);
        return pool.isEmpty() ? new ContainerCpus.NodeShared() : new ContainerCpus.PodShared(pool);
    }

    /** A shared init container also has the CPUs of the containers that start after it, as in the kubelet. */
    private CpuSet poolOfInit(String container) {
        CpuSet pool = cpus;
        for (ContainerDemand before : demand.containers()) {
            if (before.name().equals(container)) {
                break;
            }
            if (before.kind() == ContainerKind.SIDECAR) {
                pool = pool.minus(slice(before.name()).map(ExclusiveSlice::cpus).orElse(CpuSet.empty()));
            }
        }
        return pool;
    }

    /** With that container's slice added, or in place of the one it has; its CPUs become the pod's. */
    public PodPlacement withSlice(PodDemand demand, ExclusiveSlice slice) {
        List<ExclusiveSlice> result = new ArrayList<>(slices);
        result.removeIf(other -> other.container().equals(slice.container()));
        result.add(slice);
        return new PodPlacement(demand, cpus.union(slice.cpus()), added, result, memory);
    }

    /**
     * Without the container. Its slice is back in the pod shared pool, or no longer the pod's where the pod has no set of
     * its own.
     */
    public PodPlacement without(String container) {
        List<ExclusiveSlice> result = new ArrayList<>(slices);
        result.removeIf(slice -> slice.container().equals(container));
        CpuSet left = cpus;
        if (demand.cpus() == 0) {
            left = CpuSet.empty();
            for (ExclusiveSlice slice : result) {
                left = left.union(slice.cpus());
            }
        }
        return new PodPlacement(demand.without(container), left, added, result, memory);
    }
}
