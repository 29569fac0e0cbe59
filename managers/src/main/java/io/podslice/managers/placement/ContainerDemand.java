package io.podslice.managers.placement;

import io.podslice.managers.pod.ContainerKind;

/**
 * What a container asks of the CPU manager.
 *
 * @param cpus CPUs for itself alone; 0 if it shares
 */
public record ContainerDemand(String name, ContainerKind kind, int cpus) {
    public boolean isExclusive() {
        return cpus > 0;
    }
}
