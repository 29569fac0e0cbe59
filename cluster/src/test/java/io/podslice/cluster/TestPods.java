package io.podslice.cluster;

import io.podslice.managers.pod.LinuxResources;
import io.podslice.node.PodSandboxRequest;
import io.podslice.proto.core.v1.Container;
import io.podslice.proto.core.v1.ObjectMeta;
import io.podslice.proto.core.v1.Pod;
import io.podslice.proto.core.v1.PodCondition;
import io.podslice.proto.core.v1.PodSpec;
import io.podslice.proto.core.v1.PodStatus;
import io.podslice.proto.core.v1.Quantity;
import io.podslice.proto.core.v1.ResourceRequirements;
import java.util.Map;

/** Pods for tests. */
public final class TestPods {
    private TestPods() {}

    /** A pod with that CPU limit at pod level, and two containers. */
    public static Pod pod(String name, long generation, String cpu) {
        return Pod.newBuilder()
                .setMetadata(ObjectMeta.newBuilder()
                        .setName(name)
                        .setNamespace("default")
                        .setUid(uid(name))
                        .setGeneration(generation)
                        .putLabels("app", "web"))
                .setSpec(PodSpec.newBuilder()
                        .setResources(limits(cpu, "4Gi"))
                        .setPriority(1000)
                        .addContainers(Container.newBuilder().setName("main").setImage("registry.example/app:1"))
                        .addInitContainers(
                                Container.newBuilder().setName("proxy").setRestartPolicy("Always")))
                .setStatus(PodStatus.newBuilder().setPhase("Running"))
                .build();
    }

    public static String uid(String name) {
        return "uid-of-" + name;
    }

    public static ResourceRequirements limits(String cpu, String memory) {
        return ResourceRequirements.newBuilder()
                .putAllLimits(Map.of("cpu", quantity(cpu), "memory", quantity(memory)))
                .build();
    }

    public static Quantity quantity(String text) {
        return Quantity.newBuilder().setString(text).build();
    }

    /** The pod with the condition that its resize has not been allocated. */
    public static Pod pending(Pod pod) {
        return pod.toBuilder()
                .setStatus(pod.getStatus().toBuilder()
                        .addConditions(PodCondition.newBuilder()
                                .setType("PodResizePending")
                                .setStatus("True")
                                .setReason("Deferred")))
                .build();
    }

    /** The sandbox request of a pod of that name. */
    public static PodSandboxRequest request(String name) {
        return request(uid(name), "default", name);
    }

    public static PodSandboxRequest request(String uid, String namespace, String name) {
        return new PodSandboxRequest(
                uid,
                namespace,
                name,
                0,
                "/kubepods/pod" + uid,
                Map.of(),
                Map.of(),
                LinuxResources.NONE,
                LinuxResources.NONE);
    }
}
