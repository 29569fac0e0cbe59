package io.podslice.agent.api;

import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceName;
import io.podslice.managers.pod.ResourceRequirements;
import io.podslice.node.ActualResources;
import io.podslice.node.AssignedDevice;
import io.podslice.node.NodeView.ContainerView;
import io.podslice.node.NodeView.PodView;
import io.podslice.node.PodActual;
import io.podslice.node.ResizeCondition;
import io.podslice.proto.v1.Condition;
import io.podslice.proto.v1.Container;
import io.podslice.proto.v1.Device;
import io.podslice.proto.v1.MemoryProtection;
import io.podslice.proto.v1.Pod;
import io.podslice.proto.v1.PodPhase;
import io.podslice.proto.v1.PodReference;
import io.podslice.proto.v1.Resources;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/** Translates views of the node to messages of podslice.v1. Pure. */
public final class Messages {
    private Messages() {}

    static Pod pod(PodHistory.Known known, PodActual actual) {
        return pod(known.pod(), known.changed(), actual);
    }

    /**
     * Translates a pod.
     *
     * @param changed the revision of its last change
     * @param actual the values in its cgroups; those that are {@link ActualResources#NONE} are absent from the message
     */
    public static Pod pod(PodView view, long changed, PodActual actual) {
        Pod.Builder pod = Pod.newBuilder()
                .setNamespace(view.namespace())
                .setName(view.name())
                .setUid(view.uid())
                .setSandboxId(view.sandboxId())
                .setCgroup(view.cgroup().value())
                .setPhase(phase(view.phase()))
                .setRevision(changed)
                .setInferred(view.inferred())
                .setDesired(resources(view.desired()))
                .setAllocated(resources(view.allocated()))
                .setCpus(view.cpus().toString())
                .setGoneCpus(view.gone().toString())
                .setSharedPool(view.sharedPool().toString())
                .setNumaNodes(view.numaNodes().toString())
                .setSpecSource(view.origin().source().text())
                .setPriority(view.origin().priority())
                .addAllRemarks(view.origin().remarks());
        new TreeMap<>(view.origin().devices())
                .forEach((container, devices) -> devices.forEach(device -> pod.addDevices(device(container, device))));
        put(view.overhead(), pod::putOverhead);
        if (!actual.pod().equals(ActualResources.NONE)) {
            pod.setActual(resources(actual.pod().resources()));
            pod.setMemoryProtection(memory(actual.pod().memory()));
        }
        for (ContainerView container : view.containers()) {
            pod.addContainers(container(container, actual.container(container.name())));
        }
        for (ResizeCondition condition : view.conditions()) {
            pod.addConditions(Condition.newBuilder()
                    .setType(condition.type().text())
                    .setReason(condition.reason())
                    .setMessage(condition.message())
                    .setSince(condition.since().toString()));
        }
        return pod.build();
    }

    private static Device device(String container, AssignedDevice device) {
        return Device.newBuilder()
                .setContainer(container)
                .setResource(device.resource())
                .setIds(device.ids())
                .setNumaNodes(device.numaNodes().toString())
                .build();
    }

    private static Container container(ContainerView view, ActualResources actual) {
        Container.Builder container = Container.newBuilder()
                .setName(view.name())
                .setId(view.id())
                .setKind(view.kind())
                .setIsolation(view.isolation())
                .setCpus(view.cpus().toString())
                .setDesired(resources(view.desired()))
                .setAllocated(resources(view.allocated()));
        if (!actual.equals(ActualResources.NONE)) {
            container.setActual(resources(actual.resources()));
            container.setMemoryProtection(memory(actual.memory()));
        }
        return container.build();
    }

    /** Names a pod. */
    public static PodReference reference(PodView pod) {
        return PodReference.newBuilder()
                .setNamespace(pod.namespace())
                .setName(pod.name())
                .setUid(pod.uid())
                .build();
    }

    private static PodPhase phase(String phase) {
        return PodPhase.valueOf("POD_PHASE_" + phase);
    }

    private static Resources resources(ResourceRequirements requirements) {
        Resources.Builder resources = Resources.newBuilder();
        put(requirements.requests(), resources::putRequests);
        put(requirements.limits(), resources::putLimits);
        return resources.build();
    }

    private static void put(ResourceList amounts, BiConsumer<String, String> into) {
        for (ResourceName name : amounts.names()) {
            into.accept(name.value(), amounts.get(name).toString());
        }
    }

    private static MemoryProtection memory(Map<String, String> files) {
        return MemoryProtection.newBuilder()
                .setMemoryMin(files.getOrDefault("memory.min", ""))
                .setMemoryLow(files.getOrDefault("memory.low", ""))
                .setMemoryHigh(files.getOrDefault("memory.high", ""))
                .setMemoryMax(files.getOrDefault("memory.max", ""))
                .build();
    }
}
