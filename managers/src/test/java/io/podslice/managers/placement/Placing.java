package io.podslice.managers.placement;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.placement.Placement.Placed;
import io.podslice.managers.placement.Placement.Rejected;
import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceRequirements;
import java.util.List;
import java.util.Map;

/** A node on which pods are placed one after the other. */
final class Placing {
    private final PodPlacer placer;
    private NodePlacements all = NodePlacements.EMPTY;

    Placing(Machine machine, PlacementPolicy policy) {
        this(new PodPlacer(machine, policy));
    }

    /** Makes an empty node of that kind. */
    Placing(PodPlacer placer) {
        this.placer = placer;
    }

    PodPlacer placer() {
        return placer;
    }

    NodePlacements all() {
        return all;
    }

    CpuSet pool() {
        return placer.nodeSharedPool(all);
    }

    /** Places the pod and keeps it. */
    PodPlacement place(String uid, PodSpec pod) {
        return keep(uid, placer.place(all, uid, pod, Map.of()));
    }

    PodPlacement place(String uid, PodSpec pod, Map<String, Boolean> exclusive) {
        return keep(uid, placer.place(all, uid, pod, exclusive));
    }

    Rejected rejected(PodSpec pod) {
        return (Rejected) placer.place(all, "rejected", pod, Map.of());
    }

    /** Resizes a pod that was placed here, and keeps the result. */
    PodPlacement resize(String uid, int cpus) {
        return resize(uid, new PodSizes(cpus, memoryOf(uid)));
    }

    PodPlacement resize(String uid, PodSizes sizes) {
        return keep(uid, placer.resize(all, uid, sizes));
    }

    Rejected resizeRejected(String uid, int cpus) {
        return resizeRejected(uid, new PodSizes(cpus, memoryOf(uid)));
    }

    Rejected resizeRejected(String uid, PodSizes sizes) {
        return (Rejected) placer.resize(all, uid, sizes);
    }

    private long memoryOf(String uid) {
        return all.pods().getOrDefault(uid, PodPlacement.NONE).memoryBytes();
    }

    PodPlacement carve(String uid, String container, int cpus) {
        return keep(uid, placer.carve(all, uid, container, cpus));
    }

    /** Keeps the placement that a pod was found with. */
    void found(String uid, PodPlacement pod) {
        all = all.with(uid, pod);
    }

    void remove(String uid) {
        all = all.without(uid);
    }

    private PodPlacement keep(String uid, Placement placement) {
        return switch (placement) {
            case Placed(PodPlacement pod) -> {
                all = all.with(uid, pod);
                yield pod;
            }
            case Rejected rejected ->
                throw new AssertionError(rejected.rejection().text());
        };
    }

    /** Returns a Guaranteed pod with pod-level resources and 1 GiB of memory. */
    static PodSpec pod(int cpus, ContainerSpec... containers) {
        return pod(cpus, "1Gi", containers);
    }

    static PodSpec pod(int cpus, String memory, ContainerSpec... containers) {
        return new PodSpec(guaranteed(cpus, memory), List.of(containers));
    }

    /** Returns a pod without pod-level resources. */
    static PodSpec plain(ContainerSpec... containers) {
        return new PodSpec(ResourceRequirements.NONE, List.of(containers));
    }

    static ContainerSpec app(String name, int cpus) {
        return new ContainerSpec(name, ContainerKind.APP, cpus == 0 ? ResourceRequirements.NONE : own(cpus));
    }

    static ContainerSpec sidecar(String name, int cpus) {
        return new ContainerSpec(name, ContainerKind.SIDECAR, cpus == 0 ? ResourceRequirements.NONE : own(cpus));
    }

    static ContainerSpec init(String name, int cpus) {
        return new ContainerSpec(name, ContainerKind.INIT, cpus == 0 ? ResourceRequirements.NONE : own(cpus));
    }

    static ContainerSpec fraction(String name) {
        ResourceList half = ResourceList.of("500m", "64Mi");
        return new ContainerSpec(name, ContainerKind.APP, new ResourceRequirements(half, half));
    }

    private static ResourceRequirements own(int cpus) {
        return guaranteed(cpus, "64Mi");
    }

    static ResourceRequirements guaranteed(int cpus, String memory) {
        ResourceList amounts = ResourceList.of(Integer.toString(cpus), memory);
        return new ResourceRequirements(amounts, amounts);
    }
}
