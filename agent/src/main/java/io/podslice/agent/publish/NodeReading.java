package io.podslice.agent.publish;

import io.podslice.proto.podresources.v1.AllocatableResourcesResponse;
import io.podslice.proto.podresources.v1.ListPodResourcesResponse;
import io.podslice.proto.v1.StatusResponse;
import java.util.Optional;

/**
 * One reading of the node API.
 *
 * @param node podslice's own account of the node
 * @param devices pods and devices as the kubelet tells them; empty where it does not
 */
record NodeReading(StatusResponse node, Optional<Devices> devices) {

    /**
     * Pods and devices.
     *
     * @param pods all pods, with the devices that they have
     * @param all all devices
     */
    record Devices(ListPodResourcesResponse pods, AllocatableResourcesResponse all) {}
}
