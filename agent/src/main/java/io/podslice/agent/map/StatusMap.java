package io.podslice.agent.map;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Machine;
import io.podslice.proto.v1.Condition;
import io.podslice.proto.v1.Container;
import io.podslice.proto.v1.Device;
import io.podslice.proto.v1.Pod;
import io.podslice.proto.v1.PodPhase;
import io.podslice.proto.v1.Resources;
import io.podslice.proto.v1.StatusResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Makes a map of what the node API answers. */
public final class StatusMap {
    private static final String NONE = "-";

    private StatusMap() {}

    /**
     * Makes the map of a node; pods that have stopped are left out.
     *
     * @param machine the node's
     * @throws IllegalArgumentException if a set is no list of CPUs; the message names its pod
     */
    public static NodeMap of(StatusResponse node, List<Pod> pods, Machine machine) {
        List<MappedPod> mapped = new ArrayList<>();
        for (Pod pod : pods) {
            if (pod.getPhase() != PodPhase.POD_PHASE_STOPPED) {
                mapped.add(pod(pod));
            }
        }
        return new NodeMap(
                "",
                machine,
                cpus("node: reservedCpus", node.getReservedCpus()),
                cpus("node: sharedPool", node.getSharedPool()),
                mapped,
                List.of());
    }

    private static MappedPod pod(Pod pod) {
        String name = pod.getNamespace() + "/" + pod.getName();
        List<MappedPod.Container> containers = new ArrayList<>();
        for (Container container : pod.getContainersList()) {
            containers.add(new MappedPod.Container(
                    container.getName(),
                    container.getKind(),
                    container.getIsolation(),
                    cpus(name + ", container " + container.getName() + ": cpus", container.getCpus())));
        }
        List<MappedPod.Device> devices = new ArrayList<>();
        for (Device device : pod.getDevicesList()) {
            devices.add(new MappedPod.Device(
                    device.getContainer(),
                    device.getResource(),
                    device.getIds(),
                    cpus(name + ": devices: numaNodes", device.getNumaNodes())));
        }
        return new MappedPod(
                name,
                budget(pod, "cpu"),
                budget(pod, "memory"),
                pod.getSpecSource(),
                String.join(
                        ", ",
                        pod.getConditionsList().stream().map(StatusMap::resize).toList()),
                cpus(name + ": cpus", pod.getCpus()),
                cpus(name + ": sharedPool", pod.getSharedPool()),
                cpus(name + ": numaNodes", pod.getNumaNodes()),
                containers,
                devices);
    }

    private static String resize(Condition condition) {
        return condition.getType().equals("PodResizePending") ? condition.getReason() : "in progress";
    }

    /** Returns the allocated budget, and the desired one after an arrow where they differ. */
    private static String budget(Pod pod, String resource) {
        String allocated = amounts(pod.getAllocated(), resource);
        String desired = amounts(pod.getDesired(), resource);
        return desired.equals(allocated) ? allocated : allocated + " -> " + desired;
    }

    private static String amounts(Resources resources, String resource) {
        return amounts(resources.getRequestsMap(), resources.getLimitsMap(), resource);
    }

    /** Returns a request and a limit, as one amount where they are equal; {@code -} for none. */
    static String amounts(Map<String, String> requests, Map<String, String> limits, String resource) {
        String request = requests.getOrDefault(resource, NONE);
        String limit = limits.getOrDefault(resource, NONE);
        return request.equals(limit) ? request : request + "/" + limit;
    }

    private static CpuSet cpus(String field, String list) {
        try {
            return CpuSet.parse(list);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(field + " \"" + list + "\": " + e.getMessage(), e);
        }
    }
}
