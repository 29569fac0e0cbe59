package io.podslice.shim;

import io.podslice.node.Node;
import io.podslice.proto.cri.v1.RemoveContainerRequest;
import io.podslice.proto.cri.v1.RemovePodSandboxRequest;
import io.podslice.proto.cri.v1.StopContainerRequest;
import io.podslice.proto.cri.v1.StopPodSandboxRequest;
import io.podslice.shim.runtime.CriService;
import io.podslice.shim.runtime.RuntimeSocket;
import io.podslice.shim.tap.Interception;
import io.podslice.shim.tap.Observed;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** The brain as CRI's methods call it: what {@link CriShim} is to intercept. */
public final class CriDoor {
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
            byPath.put(CriService.V1.path(method), interception);
            byPath.put(CriService.V1_ALPHA_2.path(method), interception);
        });
        // v1alpha2 has no such method: there the runtime says so itself.
        byPath.put(
                CriService.V1.path("UpdatePodSandboxResources"),
                new UpdatePodSandboxCalls(node, door.claims, door.runtime));
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
