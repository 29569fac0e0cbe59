package io.podslice.simulator.kubeletapi;

import io.podslice.cgroups.CpuSet;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * A device plugin.
 *
 * @param resource the resource that its devices are, e.g. {@code example.com/gpu}
 * @param devices by id, the NUMA nodes to which each device is local; an empty set where the plugin tells none
 */
public record DevicePlugin(String resource, Map<String, CpuSet> devices) {

    public DevicePlugin {
        devices = Collections.unmodifiableMap(new TreeMap<>(devices));
    }
}
