package io.podslice.simulator.runtime;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.podslice.proto.cri.v1.ContainerConfig;
import io.podslice.proto.cri.v1.ContainerEventType;
import io.podslice.proto.cri.v1.ContainerFilter;
import io.podslice.proto.cri.v1.ContainerState;
import io.podslice.proto.cri.v1.ContainerStatusRequest;
import io.podslice.proto.cri.v1.ContainerStatusResponse;
import io.podslice.proto.cri.v1.CreateContainerRequest;
import io.podslice.proto.cri.v1.CreateContainerResponse;
import io.podslice.proto.cri.v1.ExecSyncRequest;
import io.podslice.proto.cri.v1.ExecSyncResponse;
import io.podslice.proto.cri.v1.LinuxContainerResources;
import io.podslice.proto.cri.v1.ListContainersRequest;
import io.podslice.proto.cri.v1.ListContainersResponse;
import io.podslice.proto.cri.v1.PodSandboxMetadata;
import io.podslice.proto.cri.v1.RemoveContainerRequest;
import io.podslice.proto.cri.v1.RemoveContainerResponse;
import io.podslice.proto.cri.v1.StartContainerRequest;
import io.podslice.proto.cri.v1.StartContainerResponse;
import io.podslice.proto.cri.v1.StopContainerRequest;
import io.podslice.proto.cri.v1.StopContainerResponse;
import io.podslice.proto.cri.v1.UpdateContainerResourcesRequest;
import io.podslice.proto.cri.v1.UpdateContainerResourcesResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Answers the CRI calls about containers. Each runs under the state's lock. */
final class ContainerCalls {
    /** The exit code that containerd reports for a container whose start failed. */
    private static final int START_ERROR = 128;

    private static final int KILLED = 137;

    private final RuntimeState state;

    ContainerCalls(RuntimeState state) {
        this.state = state;
    }

    /** Enters the container in the books; its cgroup is made when it is started. */
    CreateContainerResponse create(CreateContainerRequest request, Midpoint midpoint) {
        SandboxEntry sandbox =
                state.sandboxes.get(request.getPodSandboxId(), id -> "failed to find sandbox id \"" + id + "\"");
        if (!sandbox.ready) {
            throw unknown("sandbox container \"" + sandbox.id + "\" is not running");
        }
        ContainerConfig config = request.getConfig();
        PodSandboxMetadata pod = sandbox.config.getMetadata();
        String id = state.containers.newId();
        state.containers.reserve(
                String.join(
                        "_",
                        config.getMetadata().getName(),
                        pod.getName(),
                        pod.getNamespace(),
                        pod.getUid(),
                        Integer.toUnsignedString(config.getMetadata().getAttempt())),
                id);
        try {
            midpoint.reached();
            String image = config.getImage().getImage();
            String imageId = state.images.get(image);
            if (imageId == null) {
                throw Status.NOT_FOUND
                        .withDescription("failed to resolve image \"" + image + "\": not found")
                        .asRuntimeException();
            }
            state.containers.add(
                    id,
                    new ContainerEntry(
                            id,
                            sandbox,
                            config,
                            imageId,
                            state.nanos(),
                            RuntimeState.cgroupOf(sandbox.config.getLinux().getCgroupParent(), id)));
        } catch (RuntimeException e) {
            state.containers.release(id);
            throw e;
        }
        state.announce(id, ContainerEventType.CONTAINER_CREATED_EVENT, sandbox);
        return CreateContainerResponse.newBuilder().setContainerId(id).build();
    }

    StartContainerResponse start(StartContainerRequest request, Midpoint midpoint) {
        ContainerEntry container = state.containers.get(request.getContainerId(), ContainerCalls::notFoundWords);
        if (container.state != ContainerState.CONTAINER_CREATED) {
            throw unknown("failed to set starting state for container \"" + container.id + "\": container is in "
                    + container.state + " state");
        }
        if (!container.sandbox.ready) {
            throw unknown("sandbox container \"" + container.sandbox.id + "\" is not running");
        }
        try {
            state.cgroups.create(container.cgroup);
            container.pid = state.processes.start(container.cgroup);
            midpoint.reached();
            state.cgroups.apply(container.cgroup, container.resources);
        } catch (RuntimeException e) {
            container.reason = "StartError";
            container.message = String.valueOf(e.getMessage());
            ended(container, START_ERROR);
            throw e;
        }
        container.state = ContainerState.CONTAINER_RUNNING;
        container.startedAt = state.nanos();
        state.announce(container.id, ContainerEventType.CONTAINER_STARTED_EVENT, container.sandbox);
        return StartContainerResponse.getDefaultInstance();
    }

    private void ended(ContainerEntry container, int exitCode) {
        if (container.pid != 0) {
            state.processes.end(container.pid);
            container.pid = 0;
        }
        state.cgroups.remove(container.cgroup);
        container.state = ContainerState.CONTAINER_EXITED;
        container.exitCode = exitCode;
        container.finishedAt = state.nanos();
    }

    /** Ends the container's process, as if it had exited by itself. */
    void exit(ContainerEntry container, int exitCode) {
        container.reason = exitCode == 0 ? "Completed" : "Error";
        ended(container, exitCode);
        state.announce(container.id, ContainerEventType.CONTAINER_STOPPED_EVENT, container.sandbox);
    }

    void kill(ContainerEntry container) {
        if (container.state == ContainerState.CONTAINER_RUNNING) {
            exit(container, KILLED);
        }
    }

    StopContainerResponse stop(StopContainerRequest request, Midpoint midpoint) {
        ContainerEntry container = state.containers.find(request.getContainerId());
        if (container != null) {
            midpoint.reached();
            kill(container);
        }
        return StopContainerResponse.getDefaultInstance();
    }

    RemoveContainerResponse remove(RemoveContainerRequest request, Midpoint midpoint) {
        ContainerEntry container = state.containers.find(request.getContainerId());
        if (container != null) {
            kill(container);
            midpoint.reached();
            forget(container);
        }
        return RemoveContainerResponse.getDefaultInstance();
    }

    void forget(ContainerEntry container) {
        state.containers.remove(container.id);
        state.announce(container.id, ContainerEventType.CONTAINER_DELETED_EVENT, container.sandbox);
    }

    ContainerStatusResponse status(ContainerStatusRequest request) {
        ContainerEntry container = state.containers.get(request.getContainerId(), ContainerCalls::notFoundWords);
        return ContainerStatusResponse.newBuilder()
                .setStatus(container.status())
                .build();
    }

    ListContainersResponse list(ListContainersRequest request) {
        ContainerFilter filter = request.getFilter();
        ListContainersResponse.Builder reply = ListContainersResponse.newBuilder();
        for (ContainerEntry container : state.containers.all()) {
            if (container.id.startsWith(filter.getId())
                    && container.sandbox.id.startsWith(filter.getPodSandboxId())
                    && (!filter.hasState() || filter.getState().getState() == container.state)
                    && container
                            .config
                            .getLabelsMap()
                            .entrySet()
                            .containsAll(filter.getLabelSelectorMap().entrySet())) {
                reply.addContainers(container.listed());
            }
        }
        return reply.build();
    }

    /**
     * Changes the stored spec, also of a container that does not run yet; puts the old one back if the cgroup writes
     * fail.
     */
    UpdateContainerResourcesResponse update(UpdateContainerResourcesRequest request, Midpoint midpoint) {
        ContainerEntry container = state.containers.get(request.getContainerId(), id -> "failed to find container");
        LinuxContainerResources before = container.resources;
        LinuxContainerResources after = Merge.update(before, request.getLinux());
        if (container.state == ContainerState.CONTAINER_RUNNING) {
            try {
                state.cgroups.apply(container.cgroup, after);
                midpoint.reached();
            } catch (RuntimeException e) {
                state.cgroups.apply(container.cgroup, before);
                throw e;
            }
        }
        container.resources = after;
        return UpdateContainerResourcesResponse.getDefaultInstance();
    }

    /** Runs {@code true}, {@code false} or {@code echo}, the commands that probes of a simulated container need. */
    ExecSyncResponse exec(ExecSyncRequest request) {
        ContainerEntry container = state.containers.get(
                request.getContainerId(), id -> "failed to find container \"" + id + "\" in store");
        if (container.state != ContainerState.CONTAINER_RUNNING) {
            throw unknown("failed to exec in container: container is in " + container.state + " state");
        }
        List<String> command = request.getCmdList();
        return switch (command.isEmpty() ? "" : command.getFirst()) {
            case "true" -> ExecSyncResponse.getDefaultInstance();
            case "false" -> ExecSyncResponse.newBuilder().setExitCode(1).build();
            case "echo" ->
                ExecSyncResponse.newBuilder()
                        .setStdout(ByteString.copyFrom(
                                String.join(" ", command.subList(1, command.size())) + "\n", StandardCharsets.UTF_8))
                        .build();
            default -> throw unknown("failed to exec in container: executable file not found in $PATH");
        };
    }

    private static String notFoundWords(String id) {
        return "an error occurred when try to find container \"" + id + "\"";
    }

    private static StatusRuntimeException unknown(String text) {
        return Status.UNKNOWN.withDescription(text).asRuntimeException();
    }
}
