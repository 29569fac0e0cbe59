package io.podslice.node;

import io.podslice.cgroups.CpuSet;

/**
 * Devices that the kubelet has assigned to a container.
 *
 * @param resource resource name, e.g. {@code nvidia.com/gpu}
 * @param ids the device plugin's ids, with commas between them; for messages
 * @param numaNodes the NUMA nodes to which they are local; empty if the plugin tells none
 */
public record AssignedDevice(String resource, String ids, CpuSet numaNodes) {}
