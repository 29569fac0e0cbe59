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
 * A pod that would get as much as one has, whatever that one's spec said before resizes and before containers came.
 *
 * @param spec asks for as many CPUs and as much memory
 * @param exclusive which containers have CPUs of their own
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

    /** Requests that are limits. What is not accounted counts the least that there is, for a class needs some. */
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
