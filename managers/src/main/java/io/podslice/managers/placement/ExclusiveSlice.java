package io.podslice.managers.placement;

import io.podslice.cgroups.CpuSet;
import io.podslice.managers.pod.ContainerKind;

/**
 * The CPUs that one container of a pod has for itself alone, while it runs. Those of an init container may be another
 * container's later.
 */
public record ExclusiveSlice(String container, ContainerKind kind, CpuSet cpus) {}
