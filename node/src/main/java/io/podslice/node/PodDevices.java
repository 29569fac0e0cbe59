package io.podslice.node;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Devices that the kubelet has assigned to pods. Every method may be called from any thread. */
public interface PodDevices {

    /** Knows of no pod. */
    PodDevices NONE = (namespace, name, atMost) -> Map.of();

    /**
     * Returns a pod's devices by container. The kubelet assigns them before it asks the runtime for the sandbox. No uid
     * tells two pods of one name apart: ask when the sandbox is made, and keep the answer.
     *
     * @param atMost the time to wait for the kubelet
     * @return empty for a pod without devices, and for one that the kubelet does not know
     * @throws IOException if the kubelet does not answer in time, or answers what cannot be read
     */
    Map<String, List<AssignedDevice>> of(String namespace, String name, Duration atMost) throws IOException;
}
