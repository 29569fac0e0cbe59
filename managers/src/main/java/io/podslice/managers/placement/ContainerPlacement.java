package io.podslice.managers.placement;

import io.podslice.cgroups.CpuSet;
import io.podslice.managers.pod.ContainerKind;
import java.util.List;

/**
 * A container of a pod, and its exclusive slice.
 *
 * @param own CPUs that it has for itself alone while it runs; empty if it shares. Those of an init container may be
 *     another container's later.
 * @param added those of its slice that resizes added, in that order; the first to go again
 */
public record ContainerPlacement(String name, ContainerKind kind, CpuSet own, List<Integer> added) {
    public ContainerPlacement {
        added = List.copyOf(added);
    }

    /** As it was admitted. */
    public ContainerPlacement(String name, ContainerKind kind, CpuSet own) {
        this(name, kind, own, List.of());
    }

    public boolean isExclusive() {
        return !own.isEmpty();
    }
}
