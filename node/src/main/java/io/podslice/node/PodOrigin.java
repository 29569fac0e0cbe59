package io.podslice.node;

import java.util.List;
import java.util.Map;

/**
 * The origin of what podslice knows of a pod.
 *
 * @param source the source of its spec
 * @param priority {@code spec.priority}, by which its deferred resizes are ordered; 0 where no source told it
 * @param remarks the sources that were asked in vain when the pod was looked up, or that said something else, a line for
 *     each; empty after a restart of podslice
 * @param devices the devices that the kubelet had assigned to the pod when it was placed, by container; empty after a
 *     restart of podslice
 */
public record PodOrigin(
        SpecSource source, int priority, List<String> remarks, Map<String, List<AssignedDevice>> devices) {

    public PodOrigin {
        remarks = List.copyOf(remarks);
        devices = Map.copyOf(devices);
    }
}
