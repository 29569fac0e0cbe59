package io.podslice.shim;

import io.podslice.node.Node;
import io.podslice.proto.cri.v1.RemoveContainerRequest;
import io.podslice.proto.cri.v1.RemovePodSandboxRequest;
import io.podslice.proto.cri.v1.StopContainerRequest;
import io.podslice.proto.cri.v1.StopPodSandboxRequest;
import io.podslice.shim.tap.Interception;
import io.podslice.shim.tap.Observed;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** The brain as CRI's methods call it: what {@link CriShim} is to intercept. */
public final class CriDoor {
    private static final String V1 = "/runtime.v1.RuntimeService/";

    /** What containerd 1.7 still serves beside v1; the messages are the same as far as podslice knows them. */
    private static final String V1_ALPHA_2 = "/runtime.v1alpha2.RuntimeService/";

    private final Node node;
    private final RuntimeSocket runtime;
    private final Claims claims = new Claims();

    private CriDoor(Node node, RuntimeSocket runtime) {
        this.node = node;
        this.runtime = runtime;
    }

    /**
     * The interceptions of a node.
     *
     * @param node decides; called by many threads
     * @param runtime the runtime's socket, which is asked before a pod's resources are changed
     */
    public static Map<String, Interception> interceptions(Node node, Path runtime, ShimOptions options) {
        CriDoor door = new CriDoor(node, new RuntimeSocket(runtime, options.connectTimeout()));
        Map<String, Interception> byPath = new HashMap<>();
        door.byMethod().forEach((method, interception) -> {
            byPath.put(V1 + method, interception);
            byPath.put(V1_ALPHA_2 + method, interception);
        });
        return byPath;
    }

    private Map<String, Interception> byMethod() {
        return Map.of(
                "RunPodSandbox",
                new RunPodSandboxCalls(node, claims),
                "CreateContainer",
                new CreateContainerCalls(node, claims),
                "UpdateContainerResources",
                new UpdateContainerCalls(node, claims),
                "UpdatePodSandboxResources",
                new UpdatePodSandboxCalls(node, claims, runtime),
                "StopPodSandbox",
                (Observed) (request, reply) -> node.podSandboxStopped(
                        StopPodSandboxRequest.parseFrom(request).getPodSandboxId()),
                "RemovePodSandbox",
                (Observed) (request, reply) -> {
                    String id = RemovePodSandboxRequest.parseFrom(request).getPodSandboxId();
                    node.podSandboxRemoved(id);
                    claims.removeSandbox(id);
                },
                "StopContainer",
                (Observed) (request, reply) -> node.containerStopped(
                        StopContainerRequest.parseFrom(request).getContainerId()),
                "RemoveContainer",
                (Observed) (request, reply) -> {
                    String id = RemoveContainerRequest.parseFrom(request).getContainerId();
                    node.containerRemoved(id);
                    claims.removeContainer(id);
                });
    }
}
