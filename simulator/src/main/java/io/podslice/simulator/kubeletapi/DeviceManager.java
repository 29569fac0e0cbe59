package io.podslice.simulator.kubeletapi;

import io.podslice.cgroups.CpuSet;
import io.podslice.simulator.kubelet.ContainerManifest;
import io.podslice.simulator.kubelet.ContainerManifest.Kind;
import io.podslice.simulator.kubelet.PodManifest;
import io.podslice.simulator.kubelet.RejectedPodException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The kubelet's device manager: allocates devices when a pod is admitted, before the runtime hears of the pod. It takes
 * free devices in the order of their ids. Any thread may call it.
 */
public final class DeviceManager {
    private final Map<String, DevicePlugin> plugins = new LinkedHashMap<>();
    /** By pod uid, then container, then resource: ids of devices. */
    private final Map<String, Map<String, SortedMap<String, List<String>>>> allocated = new HashMap<>();

    public DeviceManager(List<DevicePlugin> plugins) {
        plugins.forEach(plugin -> this.plugins.put(plugin.resource(), plugin));
    }

    /**
     * Allocates the pod's devices; of a pod that has them already it does nothing.
     *
     * @throws RejectedPodException if there are not enough
     */
    public synchronized void allocate(PodManifest pod) {
        if (allocated.containsKey(pod.uid())) {
            return;
        }
        Map<String, SortedMap<String, List<String>>> containers = new LinkedHashMap<>();
        allocated.put(pod.uid(), containers);
        for (ContainerManifest container : pod.containers()) {
            SortedMap<String, List<String>> own = new TreeMap<>();
            containers.put(container.name(), own);
            try {
                container.devices().forEach((resource, number) -> own.put(resource, take(resource, number)));
            } catch (RejectedPodException e) {
                allocated.remove(pod.uid());
                throw e;
            }
        }
    }

    private List<String> take(String resource, int number) {
        DevicePlugin plugin = plugins.get(resource);
        List<String> ids = new ArrayList<>();
        if (plugin != null) {
            plugin.devices().keySet().stream()
                    .filter(id -> isFree(resource, id))
                    .limit(number)
                    .forEach(ids::add);
        }
        if (ids.size() < number) {
            throw new RejectedPodException(
                    "UnexpectedAdmissionError",
                    "Allocate failed due to requested number of devices unavailable for " + resource + ". Requested: "
                            + number + ", Available: " + ids.size() + ", which is unexpected");
        }
        return ids;
    }

    private boolean isFree(String resource, String id) {
        return allocated.values().stream()
                .flatMap(containers -> containers.values().stream())
                .noneMatch(own -> own.getOrDefault(resource, List.of()).contains(id));
    }

    /** Takes the pod's devices back. */
    public synchronized void free(String uid) {
        allocated.remove(uid);
    }

    /** Returns the ids of the devices of a container that is listed, by resource. */
    synchronized SortedMap<String, List<String>> of(String uid, ContainerManifest container) {
        if (container.kind() == Kind.INIT) {
            return new TreeMap<>();
        }
        return new TreeMap<>(allocated.getOrDefault(uid, Map.of()).getOrDefault(container.name(), new TreeMap<>()));
    }

    /** Returns the NUMA nodes to which a device is local. */
    CpuSet numaNodes(String resource, String id) {
        DevicePlugin plugin = plugins.get(resource);
        return plugin == null ? CpuSet.empty() : plugin.devices().getOrDefault(id, CpuSet.empty());
    }

    /** Returns the plugins. */
    List<DevicePlugin> plugins() {
        return List.copyOf(plugins.values());
    }
}
