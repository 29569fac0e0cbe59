package io.podslice.node;

import io.podslice.cgroups.CpuSet;
import java.io.IOException;

/** Says which NUMA nodes a device is local to. */
public interface DeviceLocality {
    /** Knows of no device. */
    DeviceLocality NONE = device -> {
        throw new IOException("device \"" + device + "\": this node knows no devices");
    };

    /**
     * The nodes; empty where the device is equally near to all.
     *
     * @param device a device file's path or a PCI address
     * @throws IOException naming the device if it cannot be found
     */
    CpuSet numaNodes(String device) throws IOException;
}
