package io.podslice.shim;

import com.google.protobuf.InvalidProtocolBufferException;
import io.podslice.grpc.UnixSocket;
import io.podslice.node.Node;
import io.podslice.node.NodeEvent;
import io.podslice.node.NodeRequest;
import io.podslice.proto.cri.v1.ContainerConfig;
import io.podslice.proto.cri.v1.CreateContainerRequest;
import io.podslice.proto.cri.v1.CreateContainerResponse;
import io.podslice.proto.cri.v1.LinuxContainerConfig;
import io.podslice.proto.cri.v1.RemoveContainerRequest;
import io.podslice.proto.cri.v1.RemovePodSandboxRequest;
import io.podslice.proto.cri.v1.RunPodSandboxRequest;
import io.podslice.proto.cri.v1.RunPodSandboxResponse;
import io.podslice.proto.cri.v1.StartContainerRequest;
import io.podslice.proto.cri.v1.StopContainerRequest;
import io.podslice.proto.cri.v1.StopPodSandboxRequest;
import io.podslice.proto.cri.v1.UpdateContainerResourcesRequest;
import io.podslice.shim.HeldMethod.Resources;
import io.podslice.shim.runtime.CriRecords;
import io.podslice.shim.runtime.CriService;
import io.podslice.shim.runtime.RuntimeCall;
import io.podslice.shim.tap.Endless;
import io.podslice.shim.tap.Interception;
import io.podslice.shim.tap.Observed;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The brain as CRI's methods call it: the interceptions of a {@link CriShim}. */
public final class CriDoor {
    private final Node node;
    private final Duration budget;

    private CriDoor(Node node, Duration budget) {
        this.node = node;
        this.budget = budget;
    }

    /**
     * The interceptions of a node.
     *
     * @param node decides; called by many threads
     * @param budget how long a decision may take, and what follows from the runtime's reply
     * @param runtime asked before a pod's resources are changed
     */
    public static Map<String, Interception> interceptions(Node node, Duration budget, UnixSocket runtime) {
        CriDoor door = new CriDoor(node, budget);
        Map<String, Interception> byPath = new HashMap<>();
        door.byMethod().forEach((method, interception) -> {
            byPath.put(CriService.V1.path(method), interception);
            byPath.put(CriService.V1_ALPHA_2.path(method), interception);
        });
        // v1alpha2 has no such method: there the runtime says so itself.
        byPath.put(
                CriService.V1.path("UpdatePodSandboxResources"),
                new UpdatePodSandboxMethod(
                        node, budget, () -> new RuntimeCall(runtime), CriService.V1.path("PodSandboxStatus")));
        return byPath;
    }

    private Map<String, Interception> byMethod() {
        return Map.of(
                "RunPodSandbox",
                new HeldMethod<>(
                        node,
                        budget,
                        Excerpt.parser(RunPodSandboxRequest::getDescriptor, RunPodSandboxRequest::parseFrom),
                        request -> new NodeRequest.RunPodSandbox(CriRecords.sandbox(request.getConfig())),
                        Optional.empty(),
                        (request, reply) ->
                                RunPodSandboxResponse.parseFrom(reply).getPodSandboxId()),
                "CreateContainer",
                new HeldMethod<>(
                        node,
                        budget,
                        Excerpt.parser(CreateContainerRequest::getDescriptor, CreateContainerRequest::parseFrom),
                        request -> new NodeRequest.CreateContainer(CriRecords.container(request)),
                        Optional.of(new Resources<>(
                                request -> request.getConfig().getLinux().getResources(),
                                List.of(
                                        CreateContainerRequest.CONFIG_FIELD_NUMBER,
                                        ContainerConfig.LINUX_FIELD_NUMBER,
                                        LinuxContainerConfig.RESOURCES_FIELD_NUMBER))),
                        (request, reply) ->
                                CreateContainerResponse.parseFrom(reply).getContainerId()),
                "UpdateContainerResources",
                new HeldMethod<>(
                        node,
                        budget,
                        Excerpt.parser(
                                UpdateContainerResourcesRequest::getDescriptor,
                                UpdateContainerResourcesRequest::parseFrom),
                        request -> new NodeRequest.UpdateContainer(
                                request.getContainerId(), Map.of(), CriRecords.resources(request.getLinux())),
                        Optional.of(new Resources<>(
                                UpdateContainerResourcesRequest::getLinux,
                                List.of(UpdateContainerResourcesRequest.LINUX_FIELD_NUMBER))),
                        (request, reply) -> request.getContainerId()),
                "GetContainerEvents",
                new Endless(),
                "StartContainer",
                observed(message -> new NodeEvent.ContainerStarted(
                        StartContainerRequest.parseFrom(message).getContainerId())),
                "StopPodSandbox",
                observed(message -> new NodeEvent.SandboxStopped(
                        StopPodSandboxRequest.parseFrom(message).getPodSandboxId())),
                "RemovePodSandbox",
                observed(message -> new NodeEvent.SandboxRemoved(
                        RemovePodSandboxRequest.parseFrom(message).getPodSandboxId())),
                "StopContainer",
                observed(message -> new NodeEvent.ContainerStopped(
                        StopContainerRequest.parseFrom(message).getContainerId())),
                "RemoveContainer",
                observed(message -> new NodeEvent.ContainerRemoved(
                        RemoveContainerRequest.parseFrom(message).getContainerId())));
    }

    private interface Fact {
        NodeEvent in(ByteBuffer message) throws InvalidProtocolBufferException;
    }

    private Interception observed(Fact fact) {
        return (Observed) (request, reply) -> node.happened(fact.in(request), budget);
    }
}
