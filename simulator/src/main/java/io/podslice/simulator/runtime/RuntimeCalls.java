package io.podslice.simulator.runtime;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.podslice.proto.cri.v1.CgroupDriver;
import io.podslice.proto.cri.v1.ContainerEventResponse;
import io.podslice.proto.cri.v1.ContainerStatusRequest;
import io.podslice.proto.cri.v1.ContainerStatusResponse;
import io.podslice.proto.cri.v1.CreateContainerRequest;
import io.podslice.proto.cri.v1.CreateContainerResponse;
import io.podslice.proto.cri.v1.ExecSyncRequest;
import io.podslice.proto.cri.v1.ExecSyncResponse;
import io.podslice.proto.cri.v1.GetEventsRequest;
import io.podslice.proto.cri.v1.LinuxRuntimeConfiguration;
import io.podslice.proto.cri.v1.ListContainersRequest;
import io.podslice.proto.cri.v1.ListContainersResponse;
import io.podslice.proto.cri.v1.ListPodSandboxRequest;
import io.podslice.proto.cri.v1.ListPodSandboxResponse;
import io.podslice.proto.cri.v1.PodSandboxStatusRequest;
import io.podslice.proto.cri.v1.PodSandboxStatusResponse;
import io.podslice.proto.cri.v1.RemoveContainerRequest;
import io.podslice.proto.cri.v1.RemoveContainerResponse;
import io.podslice.proto.cri.v1.RemovePodSandboxRequest;
import io.podslice.proto.cri.v1.RemovePodSandboxResponse;
import io.podslice.proto.cri.v1.RunPodSandboxRequest;
import io.podslice.proto.cri.v1.RunPodSandboxResponse;
import io.podslice.proto.cri.v1.RuntimeCondition;
import io.podslice.proto.cri.v1.RuntimeConfigRequest;
import io.podslice.proto.cri.v1.RuntimeConfigResponse;
import io.podslice.proto.cri.v1.RuntimeServiceGrpc;
import io.podslice.proto.cri.v1.RuntimeStatus;
import io.podslice.proto.cri.v1.StartContainerRequest;
import io.podslice.proto.cri.v1.StartContainerResponse;
import io.podslice.proto.cri.v1.StatusRequest;
import io.podslice.proto.cri.v1.StatusResponse;
import io.podslice.proto.cri.v1.StopContainerRequest;
import io.podslice.proto.cri.v1.StopContainerResponse;
import io.podslice.proto.cri.v1.StopPodSandboxRequest;
import io.podslice.proto.cri.v1.StopPodSandboxResponse;
import io.podslice.proto.cri.v1.UpdateContainerResourcesRequest;
import io.podslice.proto.cri.v1.UpdateContainerResourcesResponse;
import io.podslice.proto.cri.v1.UpdatePodSandboxResourcesRequest;
import io.podslice.proto.cri.v1.UpdatePodSandboxResourcesResponse;
import io.podslice.proto.cri.v1.VersionRequest;
import io.podslice.proto.cri.v1.VersionResponse;

/** The runtime service in gRPC: one line for each method. */
final class RuntimeCalls extends RuntimeServiceGrpc.RuntimeServiceImplBase {
    private final CallRunner runner;
    private final EventHub events;
    private final PodCalls pods;
    private final ContainerCalls containers;
    private final CgroupDriver driver;

    RuntimeCalls(CallRunner runner, EventHub events, PodCalls pods, ContainerCalls containers, CgroupDriver driver) {
        this.runner = runner;
        this.events = events;
        this.pods = pods;
        this.containers = containers;
        this.driver = driver;
    }

    @Override
    public void version(VersionRequest request, StreamObserver<VersionResponse> reply) {
        runner.run(
                "Version",
                reply,
                midpoint -> VersionResponse.newBuilder()
                        .setVersion("0.1.0")
                        .setRuntimeName("podslice-simulated-runtime")
                        .setRuntimeVersion("v0.1.0")
                        .setRuntimeApiVersion("v1")
                        .build());
    }

    @Override
    public void status(StatusRequest request, StreamObserver<StatusResponse> reply) {
        runner.run(
                "Status",
                reply,
                midpoint -> StatusResponse.newBuilder()
                        .setStatus(RuntimeStatus.newBuilder()
                                .addConditions(RuntimeCondition.newBuilder()
                                        .setType("RuntimeReady")
                                        .setStatus(true))
                                .addConditions(RuntimeCondition.newBuilder()
                                        .setType("NetworkReady")
                                        .setStatus(true)))
                        .build());
    }

    @Override
    public void runtimeConfig(RuntimeConfigRequest request, StreamObserver<RuntimeConfigResponse> reply) {
        runner.run(
                "RuntimeConfig",
                reply,
                midpoint -> RuntimeConfigResponse.newBuilder()
                        .setLinux(LinuxRuntimeConfiguration.newBuilder().setCgroupDriver(driver))
                        .build());
    }

    @Override
    public void runPodSandbox(RunPodSandboxRequest request, StreamObserver<RunPodSandboxResponse> reply) {
        runner.run("RunPodSandbox", reply, midpoint -> pods.run(request, midpoint));
    }

    @Override
    public void stopPodSandbox(StopPodSandboxRequest request, StreamObserver<StopPodSandboxResponse> reply) {
        runner.run("StopPodSandbox", reply, midpoint -> pods.stop(request, midpoint));
    }

    @Override
    public void removePodSandbox(RemovePodSandboxRequest request, StreamObserver<RemovePodSandboxResponse> reply) {
        runner.run("RemovePodSandbox", reply, midpoint -> pods.remove(request, midpoint));
    }

    @Override
    public void podSandboxStatus(PodSandboxStatusRequest request, StreamObserver<PodSandboxStatusResponse> reply) {
        runner.run("PodSandboxStatus", reply, midpoint -> pods.status(request));
    }

    @Override
    public void listPodSandbox(ListPodSandboxRequest request, StreamObserver<ListPodSandboxResponse> reply) {
        runner.run("ListPodSandbox", reply, midpoint -> pods.list(request));
    }

    @Override
    public void updatePodSandboxResources(
            UpdatePodSandboxResourcesRequest request, StreamObserver<UpdatePodSandboxResourcesResponse> reply) {
        runner.run("UpdatePodSandboxResources", reply, midpoint -> pods.updateResources(request));
    }

    @Override
    public void createContainer(CreateContainerRequest request, StreamObserver<CreateContainerResponse> reply) {
        runner.run("CreateContainer", reply, midpoint -> containers.create(request, midpoint));
    }

    @Override
    public void startContainer(StartContainerRequest request, StreamObserver<StartContainerResponse> reply) {
        runner.run("StartContainer", reply, midpoint -> containers.start(request, midpoint));
    }

    @Override
    public void stopContainer(StopContainerRequest request, StreamObserver<StopContainerResponse> reply) {
        runner.run("StopContainer", reply, midpoint -> containers.stop(request, midpoint));
    }

    @Override
    public void removeContainer(RemoveContainerRequest request, StreamObserver<RemoveContainerResponse> reply) {
        runner.run("RemoveContainer", reply, midpoint -> containers.remove(request, midpoint));
    }

    @Override
    public void containerStatus(ContainerStatusRequest request, StreamObserver<ContainerStatusResponse> reply) {
        runner.run("ContainerStatus", reply, midpoint -> containers.status(request));
    }

    @Override
    public void listContainers(ListContainersRequest request, StreamObserver<ListContainersResponse> reply) {
        runner.run("ListContainers", reply, midpoint -> containers.list(request));
    }

    @Override
    public void updateContainerResources(
            UpdateContainerResourcesRequest request, StreamObserver<UpdateContainerResourcesResponse> reply) {
        runner.run("UpdateContainerResources", reply, midpoint -> containers.update(request, midpoint));
    }

    @Override
    public void execSync(ExecSyncRequest request, StreamObserver<ExecSyncResponse> reply) {
        runner.run("ExecSync", reply, midpoint -> containers.exec(request));
    }

    @Override
    public void getContainerEvents(GetEventsRequest request, StreamObserver<ContainerEventResponse> reply) {
        events.open((ServerCallStreamObserver<ContainerEventResponse>) reply);
    }
}
