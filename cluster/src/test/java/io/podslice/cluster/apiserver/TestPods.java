package io.podslice.cluster.apiserver;

import io.podslice.managers.pod.LinuxResources;
import io.podslice.node.KnownPod;
import io.podslice.node.PodSandboxRequest;
import io.podslice.proto.core.v1.Container;
import io.podslice.proto.core.v1.ObjectMeta;
import io.podslice.proto.core.v1.Pod;
import io.podslice.proto.core.v1.PodSpec;
import io.podslice.proto.core.v1.PodStatus;
import io.podslice.proto.core.v1.Quantity;
import io.podslice.proto.core.v1.ResourceRequirements;
import java.util.Map;

/** Pods for tests: one container and pod-level resources. */
public final class TestPods {
    private TestPods() {}

    /** A pending pod of this node that asks for so many CPUs. */
    public static Pod pod(String name, String uid, int cpus) {
        return Pod.newBuilder()
                .setMetadata(ObjectMeta.newBuilder()
                        .setName(name)
                        .setNamespace("default")
                        .setUid(uid)
                        .setGeneration(1))
                .setSpec(PodSpec.newBuilder()
                        .setNodeName("n1")
                        .addContainers(Container.newBuilder().setName("app"))
                        .setResources(ResourceRequirements.newBuilder()
                                .putLimits("cpu", quantity(cpus))
                                .putRequests("cpu", quantity(cpus))))
                .setStatus(PodStatus.newBuilder().setPhase("Pending"))
                .build();
    }

    /** The mirror that the kubelet makes of a static pod. */
    public static Pod mirror(String name, String uid, String staticUid, int cpus) {
        Pod.Builder pod = pod(name, uid, cpus).toBuilder();
        pod.getMetadataBuilder()
                .putAnnotations("kubernetes.io/config.mirror", staticUid)
                .putAnnotations("kubernetes.io/config.hash", staticUid);
        return pod.build();
    }

    /** A sandbox of a pod that the kubelet has from the API server. */
    public static PodSandboxRequest sandbox(String name, String uid) {
        return sandbox(name, uid, "api", 0);
    }

    /**
     * A sandbox.
     *
     * @param source where the kubelet has the pod from: api, file or http
     */
    public static PodSandboxRequest sandbox(String name, String uid, String source, int attempt) {
        return new PodSandboxRequest(
                uid,
                "default",
                name,
                attempt,
                "/kubepods/pod" + uid,
                Map.of(),
                Map.of("kubernetes.io/config.source", source),
                LinuxResources.NONE,
                LinuxResources.NONE);
    }

    public static long cpus(KnownPod pod) {
        return pod.spec().resources().requests().cpuMillis() / 1000;
    }

    private static Quantity quantity(int amount) {
        return Quantity.newBuilder().setString(String.valueOf(amount)).build();
    }
}
