package io.podslice.simulator.pods;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.podslice.proto.core.v1.Container;
import io.podslice.proto.core.v1.ContainerResizePolicy;
import io.podslice.proto.core.v1.ContainerStatus;
import io.podslice.proto.core.v1.ObjectMeta;
import io.podslice.proto.core.v1.Pod;
import io.podslice.proto.core.v1.PodCondition;
import io.podslice.proto.core.v1.PodSpec;
import io.podslice.proto.core.v1.PodStatus;
import io.podslice.proto.core.v1.Quantity;
import io.podslice.proto.core.v1.ResourceRequirements;
import io.podslice.proto.core.v1.Time;
import io.podslice.simulator.kubelet.Amounts;
import io.podslice.simulator.kubelet.ContainerManifest;
import io.podslice.simulator.kubelet.ContainerManifest.Kind;
import io.podslice.simulator.kubelet.PodManifest;
import io.podslice.simulator.kubelet.PodSpecAnnotation;
import io.podslice.simulator.kubelet.Qos;
import io.podslice.simulator.kubelet.Wants;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Makes core/v1 messages of pods, with the API server's defaults, and with a bulk of fields that podslice does not know,
 * as real pods have (managed fields, environment).
 */
public final class PodMessages {
    /** ObjectMeta.managedFields. */
    private static final int MANAGED_FIELDS = 17;
    /** Container.env. */
    private static final int ENV = 7;

    private final String nodeName;
    private final int bulkBytes;

    /**
     * @param nodeName the node to which the pods are bound
     * @param bulkBytes size of the fields of a pod that podslice does not know, in bytes
     */
    public PodMessages(String nodeName, int bulkBytes) {
        this.nodeName = nodeName;
        this.bulkBytes = bulkBytes;
    }

    /** Returns the name of the node to which the pods are bound. */
    public String nodeName() {
        return nodeName;
    }

    /** Returns the pod with its desired spec. */
    public Pod desired(PodRecord pod) {
        return message(pod, pod.desired());
    }

    /** Returns the pod with its allocated spec, as the kubelet's pod workers see it. */
    public Pod allocated(PodRecord pod) {
        return message(pod, pod.allocated());
    }

    /** Returns the pod's name, namespace and uid alone. */
    public static Pod ended(PodRecord pod) {
        return Pod.newBuilder()
                .setMetadata(ObjectMeta.newBuilder()
                        .setName(pod.desired().name())
                        .setNamespace(pod.desired().namespace())
                        .setUid(pod.desired().uid()))
                .build();
    }

    private Pod message(PodRecord pod, PodManifest spec) {
        return Pod.newBuilder()
                .setMetadata(metadata(pod.desired()))
                .setSpec(spec(spec))
                .setStatus(status(pod))
                .build();
    }

    private ObjectMeta metadata(PodManifest pod) {
        ObjectMeta.Builder metadata = ObjectMeta.newBuilder()
                .setName(pod.name())
                .setNamespace(pod.namespace())
                .setUid(pod.uid())
                .setGeneration(pod.generation())
                .setCreationTimestamp(Time.newBuilder().setSeconds(1_790_000_000))
                .putLabels("app", pod.name())
                .putAllAnnotations(pod.annotations());
        return metadata.setUnknownFields(bulk(MANAGED_FIELDS)).build();
    }

    private UnknownFieldSet bulk(int field) {
        return UnknownFieldSet.newBuilder()
                .addField(
                        field,
                        UnknownFieldSet.Field.newBuilder()
                                .addLengthDelimited(ByteString.copyFrom(new byte[bulkBytes / 2]))
                                .build())
                .build();
    }

    private PodSpec spec(PodManifest pod) {
        PodSpec.Builder spec = PodSpec.newBuilder()
                .setRestartPolicy("Always")
                .setNodeName(nodeName)
                .setPriority(pod.priority());
        if (!pod.wants().equals(Wants.NONE)) {
            spec.setResources(resources(pod.wants(), Map.of()));
        }
        boolean first = true;
        for (ContainerManifest container : pod.containers()) {
            Container.Builder message = container(container);
            if (first) {
                message.setUnknownFields(bulk(ENV));
                first = false;
            }
            if (container.kind() == Kind.APP) {
                spec.addContainers(message);
            } else {
                spec.addInitContainers(message);
            }
        }
        return spec.build();
    }

    private static Container.Builder container(ContainerManifest container) {
        Container.Builder message = Container.newBuilder()
                .setName(container.name())
                .setImage(container.image())
                .setResources(resources(container.wants(), container.devices()));
        for (String resource : List.of("cpu", "memory")) {
            boolean restarts = container.restartedFor().contains(resource);
            message.addResizePolicy(ContainerResizePolicy.newBuilder()
                    .setResourceName(resource)
                    .setRestartPolicy(restarts ? "RestartContainer" : "NotRequired"));
        }
        if (container.kind() == Kind.SIDECAR) {
            message.setRestartPolicy("Always");
        }
        return message;
    }

    private static ResourceRequirements resources(Wants wants, Map<String, Integer> devices) {
        return ResourceRequirements.newBuilder()
                .putAllLimits(quantities(wants.limits(), devices))
                .putAllRequests(quantities(wants.requests(), devices))
                .build();
    }

    private static Map<String, Quantity> quantities(Amounts amounts, Map<String, Integer> devices) {
        Map<String, Quantity> quantities = new TreeMap<>();
        if (amounts.cpuMillis() != 0) {
            quantities.put("cpu", quantity(PodSpecAnnotation.cpu(amounts.cpuMillis())));
        }
        if (amounts.memoryBytes() != 0) {
            quantities.put("memory", quantity(PodSpecAnnotation.memory(amounts.memoryBytes())));
        }
        devices.forEach((resource, number) -> quantities.put(resource, quantity(Integer.toString(number))));
        return quantities;
    }

    private static Quantity quantity(String text) {
        return Quantity.newBuilder().setString(text).build();
    }

    private static PodStatus status(PodRecord pod) {
        PodStatus.Builder status = PodStatus.newBuilder()
                .setPhase(pod.phase().text())
                .setReason(pod.reason())
                .setMessage(pod.message())
                .setQosClass(qosClass(pod.desired().qos()))
                .setObservedGeneration(pod.desired().generation());
        if (pod.isResizePending()) {
            status.addConditions(PodCondition.newBuilder()
                    .setType("PodResizePending")
                    .setStatus("True")
                    .setReason("Deferred")
                    .setMessage("Node didn't have enough resource: cpu")
                    .setObservedGeneration(pod.desired().generation()));
        }
        if (pod.phase() == PodPhase.RUNNING) {
            PodManifest spec = pod.allocated();
            status.putAllAllocatedResources(quantities(spec.wants().requests(), Map.of()));
            for (ContainerManifest container : spec.longRunning()) {
                ContainerStatus.Builder one = ContainerStatus.newBuilder()
                        .setName(container.name())
                        .setContainerId("containerd://" + spec.uid() + "-" + container.name())
                        .putAllAllocatedResources(quantities(container.wants().requests(), container.devices()))
                        .setResources(resources(container.wants(), container.devices()));
                if (container.kind() == Kind.APP) {
                    status.addContainerStatuses(one);
                } else {
                    status.addInitContainerStatuses(one);
                }
            }
        }
        return status.build();
    }

    private static String qosClass(Qos qos) {
        return switch (qos) {
            case GUARANTEED -> "Guaranteed";
            case BURSTABLE -> "Burstable";
            case BEST_EFFORT -> "BestEffort";
        };
    }
}
