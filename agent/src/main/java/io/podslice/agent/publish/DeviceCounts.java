package io.podslice.agent.publish;

import io.podslice.proto.podresources.v1.ContainerDevices;
import io.podslice.proto.podresources.v1.ContainerResources;
import io.podslice.proto.podresources.v1.NUMANode;
import io.podslice.proto.podresources.v1.PodResources;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The number of devices by resource name on each NUMA node. A device that is local to several nodes counts on each; one for
 * which its plugin tells no node counts nowhere, since every pod can have it. Pure.
 */
final class DeviceCounts {
    private final Map<Long, SortedMap<String, long[]>> byNode = new TreeMap<>();

    DeviceCounts(NodeReading.Devices devices) {
        for (ContainerDevices some : devices.all().getDevicesList()) {
            count(some, 0);
        }
        for (PodResources pod : devices.pods().getPodResourcesList()) {
            for (ContainerResources container : pod.getContainersList()) {
                container.getDevicesList().forEach(some -> count(some, 1));
            }
        }
    }

    private void count(ContainerDevices some, int column) {
        for (NUMANode node : some.getTopology().getNodesList()) {
            byNode.computeIfAbsent(node.getID(), id -> new TreeMap<>())
                            .computeIfAbsent(some.getResourceName(), name -> new long[2])[column] +=
                    some.getDeviceIdsCount();
        }
    }

    /** Tells of each resource of a NUMA node. */
    void of(int node, Counted counted) {
        byNode.getOrDefault((long) node, new TreeMap<>())
                .forEach((name, counts) -> counted.resource(name, counts[0], Math.max(0, counts[0] - counts[1])));
    }

    /** Takes a resource with the number of its devices on a node, and of those that no pod has. */
    interface Counted {
        void resource(String name, long all, long free);
    }
}
