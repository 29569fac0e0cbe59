package io.podslice.simulator.runtime;

import io.grpc.Status;
import io.podslice.proto.cri.v1.ContainerEventType;
import io.podslice.proto.cri.v1.LinuxContainerResources;
import io.podslice.proto.cri.v1.ListPodSandboxRequest;
import io.podslice.proto.cri.v1.ListPodSandboxResponse;
import io.podslice.proto.cri.v1.PodSandboxConfig;
import io.podslice.proto.cri.v1.PodSandboxFilter;
import io.podslice.proto.cri.v1.PodSandboxMetadata;
import io.podslice.proto.cri.v1.PodSandboxStatusRequest;
import io.podslice.proto.cri.v1.PodSandboxStatusResponse;
import io.podslice.proto.cri.v1.RemovePodSandboxRequest;
import io.podslice.proto.cri.v1.RemovePodSandboxResponse;
import io.podslice.proto.cri.v1.RunPodSandboxRequest;
import io.podslice.proto.cri.v1.RunPodSandboxResponse;
import io.podslice.proto.cri.v1.StopPodSandboxRequest;
import io.podslice.proto.cri.v1.StopPodSandboxResponse;
import io.podslice.proto.cri.v1.UpdatePodSandboxResourcesRequest;
import io.podslice.proto.cri.v1.UpdatePodSandboxResourcesResponse;

/** Answers the CRI calls about pod sandboxes. Each runs under the state's lock. */
final class PodCalls {
    /** The resources that containerd gives every pause container, which do not depend on the pod. */
    private static final LinuxContainerResources PAUSE =
            LinuxContainerResources.newBuilder().setCpuShares(2).build();

    private final RuntimeState state;
    private final ContainerCalls containers;

    PodCalls(RuntimeState state, ContainerCalls containers) {
        this.state = state;
        this.containers = containers;
    }

    RunPodSandboxResponse run(RunPodSandboxRequest request, Midpoint midpoint) {
        PodSandboxConfig config = request.getConfig();
        PodSandboxMetadata meta = config.getMetadata();
        String id = state.sandboxes.newId();
        state.sandboxes.reserve(
                String.join(
                        "_",
                        meta.getName(),
                        meta.getNamespace(),
                        meta.getUid(),
                        Integer.toUnsignedString(meta.getAttempt())),
                id);
        SandboxEntry sandbox;
        try {
            sandbox = new SandboxEntry(
                    id,
                    config,
                    request.getRuntimeHandler(),
                    state.nanos(),
                    RuntimeState.cgroupOf(config.getLinux().getCgroupParent(), id));
            startPause(sandbox, midpoint);
        } catch (RuntimeException e) {
            state.sandboxes.release(id);
            throw e;
        }
        sandbox.ready = true;
        state.sandboxes.add(id, sandbox);
        state.announce(id, ContainerEventType.CONTAINER_CREATED_EVENT, sandbox);
        state.announce(id, ContainerEventType.CONTAINER_STARTED_EVENT, sandbox);
        return RunPodSandboxResponse.newBuilder().setPodSandboxId(id).build();
    }

    private void startPause(SandboxEntry sandbox, Midpoint midpoint) {
        state.cgroups.create(sandbox.cgroup);
        try {
            sandbox.pid = state.processes.start(sandbox.cgroup);
            midpoint.reached();
            state.cgroups.apply(sandbox.cgroup, PAUSE);
        } catch (RuntimeException e) {
            endPause(sandbox);
            throw e;
        }
    }

    private void endPause(SandboxEntry sandbox) {
        if (sandbox.pid != 0) {
            state.processes.end(sandbox.pid);
            sandbox.pid = 0;
        }
        state.cgroups.remove(sandbox.cgroup);
    }

    StopPodSandboxResponse stop(StopPodSandboxRequest request, Midpoint midpoint) {
        SandboxEntry sandbox = state.sandboxes.find(request.getPodSandboxId());
        if (sandbox != null) {
            state.containersOf(sandbox).forEach(containers::kill);
            midpoint.reached();
            stop(sandbox);
        }
        return StopPodSandboxResponse.getDefaultInstance();
    }

    private void stop(SandboxEntry sandbox) {
        if (sandbox.ready) {
            endPause(sandbox);
            sandbox.ready = false;
            state.announce(sandbox.id, ContainerEventType.CONTAINER_STOPPED_EVENT, sandbox);
        }
    }

    RemovePodSandboxResponse remove(RemovePodSandboxRequest request, Midpoint midpoint) {
        SandboxEntry sandbox = state.sandboxes.find(request.getPodSandboxId());
        if (sandbox != null) {
            for (ContainerEntry container : state.containersOf(sandbox)) {
                containers.kill(container);
                containers.forget(container);
            }
            midpoint.reached();
            stop(sandbox);
            state.sandboxes.remove(sandbox.id);
            state.announce(sandbox.id, ContainerEventType.CONTAINER_DELETED_EVENT, sandbox);
        }
        return RemovePodSandboxResponse.getDefaultInstance();
    }

    PodSandboxStatusResponse status(PodSandboxStatusRequest request) {
        SandboxEntry sandbox =
                state.sandboxes.get(request.getPodSandboxId(), id -> "an error occurred when try to find sandbox");
        PodSandboxStatusResponse.Builder reply =
                PodSandboxStatusResponse.newBuilder().setStatus(sandbox.status());
        if (request.getVerbose()) {
            reply.putInfo("info", VerboseInfo.of(sandbox));
        }
        return reply.build();
    }

    ListPodSandboxResponse list(ListPodSandboxRequest request) {
        PodSandboxFilter filter = request.getFilter();
        ListPodSandboxResponse.Builder reply = ListPodSandboxResponse.newBuilder();
        for (SandboxEntry sandbox : state.sandboxes.all()) {
            if (sandbox.id.startsWith(filter.getId())
                    && (!filter.hasState() || filter.getState().getState() == sandbox.state())
                    && sandbox.config
                            .getLabelsMap()
                            .entrySet()
                            .containsAll(filter.getLabelSelectorMap().entrySet())) {
                reply.addItems(sandbox.listed());
            }
        }
        return reply.build();
    }

    UpdatePodSandboxResourcesResponse updateResources(UpdatePodSandboxResourcesRequest request) {
        switch (state.podUpdates) {
            case UNIMPLEMENTED ->
                throw Status.UNIMPLEMENTED
                        .withDescription(
                                "unknown method UpdatePodSandboxResources for service runtime.v1.RuntimeService")
                        .asRuntimeException();
            case NOT_IMPLEMENTED_MESSAGE ->
                throw Status.UNKNOWN.withDescription("not implemented yet").asRuntimeException();
            case STORED -> {
                SandboxEntry sandbox = state.sandboxes.get(request.getPodSandboxId(), id -> "failed to find sandbox");
                sandbox.overhead = request.getOverhead();
                sandbox.resources = request.getResources();
            }
        }
        return UpdatePodSandboxResourcesResponse.getDefaultInstance();
    }
}
