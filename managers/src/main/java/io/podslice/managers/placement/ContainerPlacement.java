package io.podslice.managers.placement;

import io.podslice.cgroups.CpuSet;
import io.podslice.managers.pod.ContainerKind;

/**
 * A container of a pod, and its exclusive slice.
 *
 * @param own CPUs that it has for itself alone while it runs; empty if it shares. Those of an init container may be
 *     another container's later.
 */
public record ContainerPlacement(String name, ContainerKind kind, CpuSet own) {
    public boolean isExclusive() {
        return !own.isEmpty();
    }
}
