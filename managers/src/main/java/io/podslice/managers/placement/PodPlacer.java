package io.podslice.managers.placement;

import io.podslice.cgroups.CpuSet;

/** Decides which CPUs and memory nodes a pod gets. Pure: the same question has the same answer. */
public interface PodPlacer {

    /** CPUs, slices and memory for a pod that has none yet. */
    Placement place(PodDemand demand, FreeResources free);

    /**
     * The place of a pod that runs on these CPUs already, though what it was given is forgotten: its slices are those
     * that {@link #place} would have cut from them.
     *
     * @param cpus as many as the demand asks for
     */
    Placement confirm(PodDemand demand, CpuSet cpus, FreeResources free);

    /**
     * More or fewer CPUs, and more or less memory, for a pod that has a set of its own. CPUs are added near those it
     * has; those added last go first; a slice never changes.
     *
     * @param cpus how many the pod's set shall have; at least 1
     * @param memoryBytes the pod's new memory
     */
    Placement resize(PodPlacement pod, int cpus, long memoryBytes, FreeResources free);

    /**
     * A slice for a container that turns up in a pod whose containers were not known when it was placed: cut from the
     * pod shared pool, of which one CPU stays.
     *
     * @param container not in the pod's demand yet
     */
    Placement carve(PodPlacement pod, ContainerDemand container);
}
