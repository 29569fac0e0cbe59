package io.podslice.node.pods;

import io.podslice.managers.cpu.Isolation;
import io.podslice.managers.memory.MemoryBlock;
import io.podslice.managers.memory.MemoryState;
import io.podslice.managers.placement.ContainerCpus;
import io.podslice.managers.placement.ContainerPlacement;
import io.podslice.managers.placement.PodPlacement;
import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.topology.Rejection;
import io.podslice.node.NodeCounter;
import io.podslice.node.NodeMeter;
import java.util.List;
import java.util.Set;

/**
 * Counts what the managers allocate and reject. As in KEP-5526 one allocation is that of one container by one manager; its
 * source is {@code pod} where the pod was allocated the resource as a whole, else {@code node}.
 */
public final class AllocationMeter {
    private final NodeMeter meter;

    public AllocationMeter(NodeMeter meter) {
        this.meter = meter;
    }

    /**
     * Counts the containers whose CPUs or memory differ from before.
     *
     * @param before {@link PodPlacement#NONE} for a pod that is admitted
     */
    public void placed(PodPlacement before, PodPlacement after) {
        boolean memoryOfPod = !after.memory().ofPod().isEmpty();
        for (ContainerPlacement container : after.containers()) {
            String name = container.name();
            ContainerCpus cpus = after.of(name, Set.of());
            if (cpus.isolation() != Isolation.HOST && !cpus.equals(before.of(name, Set.of()))) {
                allocated(Rejection.Manager.CPU, !after.ofPod().isEmpty());
            }
            if (container.kind() != ContainerKind.EPHEMERAL
                    && !memory(after, name).isEmpty()
                    && !memory(after, name).equals(memory(before, name))) {
                allocated(Rejection.Manager.MEMORY, memoryOfPod);
            }
        }
    }

    /** A container's own blocks, or its pod's where it shares those. */
    private static List<MemoryBlock> memory(PodPlacement placement, String container) {
        MemoryState.Pod memory = placement.memory();
        List<MemoryBlock> own = memory.containers().getOrDefault(container, List.of());
        boolean known = placement.container(container).isPresent();
        return own.isEmpty() && known ? memory.ofPod() : own;
    }

    private void allocated(Rejection.Manager manager, boolean ofPod) {
        meter.count(NodeCounter.ALLOCATIONS, manager.text(), source(ofPod));
    }

    /**
     * Counts a rejection.
     *
     * @param ofPod true if the pod asked for the resource as a whole
     */
    public void rejected(Rejection rejection, boolean ofPod) {
        meter.count(NodeCounter.ALLOCATION_ERRORS, rejection.manager().text(), source(ofPod));
    }

    private static String source(boolean ofPod) {
        return ofPod ? "pod" : "node";
    }
}
