package io.podslice.managers.placement;

import io.podslice.cgroups.CpuSet;
import io.podslice.managers.cpu.Isolation;

/**
 * A container's CPUs and the level at which it shares them.
 *
 * @param isolation the level at which the container shares its CPUs
 * @param cpus its exclusive slice, or the pod shared pool; empty at level {@code host}, which means the node shared
 *     pool
 */
public record ContainerCpus(Isolation isolation, CpuSet cpus) {
    static final ContainerCpus HOST = new ContainerCpus(Isolation.HOST, CpuSet.empty());
}
