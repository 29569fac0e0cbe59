package io.podslice.managers.placement;

import io.podslice.cgroups.CpuSet;
import io.podslice.managers.pod.ContainerKind;
import java.util.List;

/**
 * A container of a pod, and its exclusive slice.
 *
 * @param own the exclusive slice: CPUs that no other running container uses; empty if the container shares. An init
 *     container's slice may be another container's later.
 * @param added the CPUs of the slice that resizes added, in that order; a shrink removes them first
 */
public record ContainerPlacement(String name, ContainerKind kind, CpuSet own, List<Integer> added) {
    public ContainerPlacement {
        added = List.copyOf(added);
    }

    /** A container as it was admitted, without CPUs added by resizes. */
    public ContainerPlacement(String name, ContainerKind kind, CpuSet own) {
        this(name, kind, own, List.of());
    }

    public boolean isExclusive() {
        return !own.isEmpty();
    }
}
