package io.podslice.node.pods;

import io.podslice.cgroups.CpuSet;
import io.podslice.managers.pod.PodAnnotations;
import io.podslice.node.AssignedDevice;
import io.podslice.node.DeviceLocality;
import io.podslice.node.Refusal;
import io.podslice.node.RefusedException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The NUMA nodes of the devices that a pod names, or that the kubelet has assigned to it, by container. They are looked up
 * before the brain's lock is taken: the lookup reads files that a tenant has chosen, in a folder that may be slow to
 * answer, or waits for the kubelet.
 *
 * @param byContainer the NUMA nodes of each device, in the given order; an empty set for a device that is equally
 *     near to all
 * @param missing the refusal of the first device that cannot be found; empty if all were found
 */
public record DeviceNodes(Map<String, List<CpuSet>> byContainer, Optional<Refusal> missing) {
    /** A pod that names no devices. */
    public static final DeviceNodes NONE = new DeviceNodes(Map.of(), Optional.empty());

    public DeviceNodes {
        byContainer = Map.copyOf(byContainer);
    }

    /** Looks up the devices of each container. */
    static DeviceNodes find(Map<String, List<String>> devices, DeviceLocality locality) {
        if (devices.isEmpty()) {
            return NONE;
        }
        Map<String, List<CpuSet>> byContainer = new TreeMap<>();
        for (Map.Entry<String, List<String>> container : new TreeMap<>(devices).entrySet()) {
            List<CpuSet> nodes = new ArrayList<>();
            for (String device : container.getValue()) {
                try {
                    nodes.add(locality.numaNodes(device));
                } catch (IOException e) {
                    return new DeviceNodes(
                            Map.of(),
                            Optional.of(new Refusal(
                                    "InvalidPodSpec",
                                    Refusal.Kind.INVALID,
                                    PodAnnotations.DEVICES_PREFIX + container.getKey() + ": " + e.getMessage())));
                }
            }
            byContainer.put(container.getKey(), List.copyOf(nodes));
        }
        return new DeviceNodes(byContainer, Optional.empty());
    }

    /** Returns the NUMA nodes of devices that the kubelet has assigned. */
    static DeviceNodes of(Map<String, List<AssignedDevice>> devices) {
        Map<String, List<CpuSet>> byContainer = new TreeMap<>();
        devices.forEach((container, its) -> byContainer.put(
                container, its.stream().map(AssignedDevice::numaNodes).toList()));
        return byContainer.isEmpty() ? NONE : new DeviceNodes(byContainer, Optional.empty());
    }

    /**
     * Returns the NUMA nodes by container.
     *
     * @throws RefusedException if a device cannot be found
     */
    Map<String, List<CpuSet>> orRefuse() throws RefusedException {
        if (missing.isPresent()) {
            throw new RefusedException(missing.get());
        }
        return byContainer;
    }
}
