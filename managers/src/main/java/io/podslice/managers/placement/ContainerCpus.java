package io.podslice.managers.placement;

import io.podslice.cgroups.CpuSet;

/** Where a container runs: its isolation level, in the kubelet's terms. */
public sealed interface ContainerCpus {

    /** Level {@code container}: on its own slice, its quota lifted. */
    record Exclusive(CpuSet cpus) implements ContainerCpus {}

    /** Level {@code pod}: on the pod's CPUs that are nobody's slice. */
    record PodShared(CpuSet cpus) implements ContainerCpus {}

    /** Level {@code host}: on the CPUs that are no pod's. */
    record NodeShared() implements ContainerCpus {}
}
