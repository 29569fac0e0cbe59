package io.podslice.agent.map;

import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceName;
import io.podslice.managers.pod.ResourceRequirements;
import io.podslice.node.NodeView;
import io.podslice.node.PodPhase;
import io.podslice.node.ResizeCondition;
import java.util.ArrayList;
import java.util.List;

/** Makes a map of the node as its brain sees it. */
public final class ViewMap {
    private static final String NONE = "-";

    private ViewMap() {}

    /**
     * Makes the map of a node; pods that have stopped are left out.
     *
     * @param machine the node's
     */
    public static NodeMap of(NodeView node, Machine machine) {
        return new NodeMap(
                "",
                machine,
                node.reserved(),
                node.nodeSharedPool(),
                node.pods().stream().filter(ViewMap::runs).map(ViewMap::pod).toList(),
                List.of());
    }

    private static boolean runs(NodeView.PodView pod) {
        return !pod.phase().equals(PodPhase.STOPPED.name());
    }

    private static MappedPod pod(NodeView.PodView pod) {
        List<MappedPod.Device> devices = new ArrayList<>();
        pod.origin()
                .devices()
                .forEach((container, all) -> all.forEach(device -> devices.add(
                        new MappedPod.Device(container, device.resource(), device.ids(), device.numaNodes()))));
        return new MappedPod(
                pod.fullName(),
                budget(pod, ResourceName.CPU),
                budget(pod, ResourceName.MEMORY),
                pod.source().text(),
                String.join(", ", pod.conditions().stream().map(ViewMap::resize).toList()),
                pod.cpus(),
                pod.sharedPool(),
                pod.numaNodes(),
                pod.containers().stream()
                        .map(container -> new MappedPod.Container(
                                container.name(), container.kind(), container.isolation(), container.cpus()))
                        .toList(),
                devices);
    }

    private static String resize(ResizeCondition condition) {
        return condition.type() == ResizeCondition.Type.PENDING ? condition.reason() : "in progress";
    }

    private static String budget(NodeView.PodView pod, ResourceName resource) {
        String allocated = amounts(pod.allocated(), resource);
        String desired = amounts(pod.desired(), resource);
        return desired.equals(allocated) ? allocated : allocated + " -> " + desired;
    }

    /** Returns a request and a limit, as one amount where they are equal; {@code -} for none. */
    public static String amounts(ResourceRequirements resources, ResourceName resource) {
        String request = amount(resources.requests(), resource);
        String limit = amount(resources.limits(), resource);
        return request.equals(limit) ? request : request + "/" + limit;
    }

    private static String amount(ResourceList amounts, ResourceName resource) {
        return amounts.has(resource) ? amounts.get(resource).toString() : NONE;
    }
}
