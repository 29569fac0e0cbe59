package io.podslice.integration.bench;

import io.podslice.proto.cri.v1.ContainerConfig;
import io.podslice.proto.cri.v1.ContainerMetadata;
import io.podslice.proto.cri.v1.CreateContainerRequest;
import io.podslice.proto.cri.v1.CreateContainerResponse;
import io.podslice.proto.cri.v1.PodSandboxConfig;
import io.podslice.proto.cri.v1.PodSandboxMetadata;
import io.podslice.proto.cri.v1.RunPodSandboxRequest;
import io.podslice.proto.cri.v1.RunPodSandboxResponse;
import io.podslice.proto.cri.v1.StopContainerRequest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** One kind of call, as the kubelet makes it: a method, the bytes sent and the bytes answered. */
final class Work {

    /** The method that makes a container. */
    static final String CREATE = "runtime.v1.RuntimeService/CreateContainer";

    /** The method whose stream of answers does not end. */
    static final String EVENTS = "runtime.v1.RuntimeService/GetContainerEvents";

    /** The method that takes long. */
    static final String PULL = "runtime.v1.ImageService/PullImage";

    private static final String SERVICE = "runtime.v1.RuntimeService/";
    private static final String POD = "2f6d1c1e-6f0f-4f39-9d4b-3f0d1f6f7a10";
    private static final int UNARY_BYTES = 2048;
    private static final int LIST_BYTES = 500_000;

    private final String name;
    private final String method;
    private final byte[] request;
    private final byte[] reply;

    private Work(String name, String method, byte[] request, byte[] reply) {
        this.name = name;
        this.method = method;
        this.request = request;
        this.reply = reply;
    }

    /** Returns a call that the shim passes on: 2 KB there, 2 KB back. */
    static Work unary() {
        return new Work("unary 2 KB", SERVICE + "ContainerStatus", noise(UNARY_BYTES), noise(UNARY_BYTES));
    }

    /** Returns a call that the shim passes on: the list of a node with a few hundred containers, made every second. */
    static Work list() {
        return new Work("List 500 KB", SERVICE + "ListContainers", noise(64), noise(LIST_BYTES));
    }

    /** Returns a call that the shim holds and reads: a container unknown to podslice, with 2 KB of annotations. */
    static Work create() {
        PodSandboxConfig pod = PodSandboxConfig.newBuilder()
                .setMetadata(PodSandboxMetadata.newBuilder()
                        .setName("bench")
                        .setUid(POD)
                        .setNamespace("default"))
                .build();
        ContainerConfig container = ContainerConfig.newBuilder()
                .setMetadata(ContainerMetadata.newBuilder().setName("bench"))
                .putAnnotations("example.com/note", "x".repeat(UNARY_BYTES - 120))
                .build();
        byte[] request = CreateContainerRequest.newBuilder()
                .setPodSandboxId("bench")
                .setConfig(container)
                .setSandboxConfig(pod)
                .build()
                .toByteArray();
        byte[] reply = CreateContainerResponse.newBuilder()
                .setContainerId("bench")
                .build()
                .toByteArray();
        return new Work("create 2 KB", CREATE, request, reply);
    }

    /** Returns a call that the shim holds and reads: a sandbox with that many bytes of annotations. */
    static Work sandbox(int bytes) {
        byte[] request = RunPodSandboxRequest.newBuilder()
                .setConfig(PodSandboxConfig.newBuilder()
                        .setMetadata(PodSandboxMetadata.newBuilder()
                                .setName("bench")
                                .setUid(POD)
                                .setNamespace("default"))
                        .putAnnotations("example.com/note", "x".repeat(bytes)))
                .build()
                .toByteArray();
        byte[] reply = RunPodSandboxResponse.newBuilder()
                .setPodSandboxId("bench")
                .build()
                .toByteArray();
        return new Work("sandbox of " + bytes, SERVICE + "RunPodSandbox", request, reply);
    }

    /** Returns the calls of the life of a pod with one container, in their order. */
    static List<Work> life() {
        List<Work> calls = new ArrayList<>(List.of(sandbox(UNARY_BYTES), create()));
        byte[] id = StopContainerRequest.newBuilder()
                .setContainerId("bench")
                .build()
                .toByteArray(); // the first field of every other request of a life
        for (String method : List.of(
                "StartContainer",
                "ContainerStatus",
                "StopContainer",
                "RemoveContainer",
                "StopPodSandbox",
                "RemovePodSandbox")) {
            calls.add(new Work(method, SERVICE + method, id, noise(UNARY_BYTES)));
        }
        return calls;
    }

    /** Returns a call that takes long, and that the shim passes on. */
    static Work pull() {
        return new Work("pull", PULL, noise(64), noise(UNARY_BYTES));
    }

    /** Returns the fake runtime's answer to a method. */
    static byte[] replyTo(String method) {
        Work list = list();
        Work sandbox = sandbox(0);
        if (method.equals(sandbox.method())) {
            return sandbox.reply();
        }
        if (method.equals(list.method())) {
            return list.reply();
        }
        Work create = create();
        return method.equals(create.method()) ? create.reply() : unary().reply();
    }

    /** Returns the call's name in the table. */
    String name() {
        return name;
    }

    /** Returns the full gRPC method name. */
    String method() {
        return method;
    }

    /** Returns the request's bytes, which are shared: callers must not write to them. */
    byte[] request() {
        return request;
    }

    /** Returns the reply's bytes, which are shared: callers must not write to them. */
    byte[] reply() {
        return reply;
    }

    private static byte[] noise(int length) {
        byte[] bytes = new byte[length];
        byte[] text = "podslice".getBytes(StandardCharsets.US_ASCII);
        Random random = new Random(length);
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (text[i % text.length] + random.nextInt(8));
        }
        return bytes;
    }
}
