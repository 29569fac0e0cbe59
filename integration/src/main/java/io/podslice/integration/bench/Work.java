package io.podslice.integration.bench;

import io.podslice.proto.cri.v1.ContainerConfig;
import io.podslice.proto.cri.v1.ContainerMetadata;
import io.podslice.proto.cri.v1.CreateContainerRequest;
import io.podslice.proto.cri.v1.CreateContainerResponse;
import io.podslice.proto.cri.v1.PodSandboxConfig;
import io.podslice.proto.cri.v1.PodSandboxMetadata;
import java.nio.charset.StandardCharsets;
import java.util.Random;

/** One kind of call, as the kubelet makes it: a method, the bytes sent and the bytes answered. */
final class Work {

    private static final String SERVICE = "runtime.v1.RuntimeService/";
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
                        .setUid("2f6d1c1e-6f0f-4f39-9d4b-3f0d1f6f7a10")
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
        return new Work("create 2 KB", SERVICE + "CreateContainer", request, reply);
    }

    /** Returns the fake runtime's answer to a method. */
    static byte[] replyTo(String method) {
        Work list = list();
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
