package io.podslice.agent.api;

import io.podslice.managers.placement.PlacementPolicy;
import io.podslice.node.NodeAllocations;
import io.podslice.proto.v1.Supply;

/** Translates the supply of a node to a message of podslice.v1. Pure. */
public final class Supplies {
    private Supplies() {}

    /** Returns the message of these allocations. */
    public static Supply of(NodeAllocations node) {
        PlacementPolicy policy = node.policy();
        Supply.Builder supply = Supply.newBuilder()
                .setCpuManagerPolicy(policy.cpuManagerPolicy().text())
                .setMemoryManagerPolicy(policy.memoryManagerPolicy().text())
                .setTopologyManagerPolicy(policy.topologyManagerPolicy().text())
                .setTopologyManagerScope(policy.topologyManagerScope().text());
        node.supply().zones().forEach((id, zone) -> {
            Supply.Zone.Builder message = supply.addZonesBuilder()
                    .setNumaNode(id)
                    .setCpus(zone.cpus().size())
                    .setAllocatableCpus(zone.allocatable().size())
                    .setAvailableCpus(zone.availableCpus());
            zone.memory()
                    .forEach((type, bytes) -> message.addMemoryBuilder()
                            .setType(type.value())
                            .setCapacityBytes(bytes.capacity())
                            .setAllocatableBytes(bytes.allocatable())
                            .setAvailableBytes(bytes.available()));
        });
        return supply.build();
    }
}
