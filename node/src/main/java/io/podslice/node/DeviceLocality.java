package io.podslice.node;

import io.podslice.cgroups.CpuSet;
import java.io.IOException;

/** Finds the NUMA nodes to which a device is local. */
public interface DeviceLocality {
    /** Knows of no device. */
    DeviceLocality NONE = device -> {
        throw new IOException("device \"" + device + "\": this node knows no devices");
    };

    /**
     * Returns the device's NUMA nodes; empty if the device is equally near to all.
     *
     * @param device a device file's path or a PCI address
     * @throws IOException naming the device if it cannot be found
     */
    CpuSet numaNodes(String device) throws IOException;
}
