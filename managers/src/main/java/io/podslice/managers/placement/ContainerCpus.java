package io.podslice.managers.placement;

import io.podslice.cgroups.CpuSet;
import io.podslice.managers.cpu.Isolation;

/**
 * Where a container runs.
 *
 * @param isolation whom it shares its CPUs with
 * @param cpus its own, or the pod shared pool; empty at level {@code host}, which is the node shared pool
 */
public record ContainerCpus(Isolation isolation, CpuSet cpus) {
    static final ContainerCpus HOST = new ContainerCpus(Isolation.HOST, CpuSet.empty());
}
