package io.podslice.managers.placement;

import io.podslice.managers.memory.MemoryBlock;
import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.Quantity;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceName;
import io.podslice.managers.pod.ResourceRequirements;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A pod that would be allocated as much as a given running pod, whatever that pod's spec said before resizes and before
 * containers were added.
 *
 * @param spec a spec that asks for as many CPUs and as much memory
 * @param exclusive true for each container, by name, that has exclusive CPUs
 */
record EqualDemand(PodSpec spec, Map<String, Boolean> exclusive) {

    static EqualDemand of(PodPlacement has) {
        List<ContainerSpec> containers = new ArrayList<>();
        Map<String, Boolean> exclusive = new HashMap<>();
        for (ContainerPlacement container : has.containers()) {
            if (container.kind() == ContainerKind.EPHEMERAL) {
                continue;
            }
            exclusive.put(container.name(), container.isExclusive());
            List<MemoryBlock> blocks = has.memory().containers().getOrDefault(container.name(), List.of());
            containers.add(new ContainerSpec(
                    container.name(),
                    container.kind(),
                    container.isExclusive() || (has.ofPod().isEmpty() && !blocks.isEmpty())
                            ? guaranteed(container.own().size(), blocks)
                            : ResourceRequirements.NONE));
        }
        boolean asOne = !has.ofPod().isEmpty() || !has.memory().ofPod().isEmpty();
        ResourceRequirements ofPod =
                asOne ? guaranteed(has.ofPod().size(), has.memory().ofPod()) : ResourceRequirements.NONE;
        return new EqualDemand(new PodSpec(ofPod, containers), exclusive);
    }

    /**
     * Returns requests equal to limits. Memory that is not accounted counts as the least amount there is, since the
     * Guaranteed class needs some.
     */
    private static ResourceRequirements guaranteed(int cpus, List<MemoryBlock> blocks) {
        ResourceList amounts = ResourceList.EMPTY
                .with(ResourceName.CPU, Quantity.ofMillis(Math.max(1, 1000L * cpus)))
                .with(ResourceName.MEMORY, Quantity.ofBytes(1));
        for (MemoryBlock block : blocks) {
            amounts = amounts.with(block.type(), Quantity.ofBytes(block.bytes()));
        }
        return new ResourceRequirements(amounts, amounts);
    }
}
