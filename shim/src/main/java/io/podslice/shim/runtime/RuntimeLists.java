package io.podslice.shim.runtime;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.podslice.grpc.UnixSocket;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.RuntimeContents;
import io.podslice.proto.cri.v1.Container;
import io.podslice.proto.cri.v1.ContainerState;
import io.podslice.proto.cri.v1.ContainerStatusRequest;
import io.podslice.proto.cri.v1.ContainerStatusResponse;
import io.podslice.proto.cri.v1.LinuxPodSandboxConfig;
import io.podslice.proto.cri.v1.ListContainersRequest;
import io.podslice.proto.cri.v1.ListContainersResponse;
import io.podslice.proto.cri.v1.ListPodSandboxRequest;
import io.podslice.proto.cri.v1.ListPodSandboxResponse;
import io.podslice.proto.cri.v1.PodSandbox;
import io.podslice.proto.cri.v1.PodSandboxConfig;
import io.podslice.proto.cri.v1.PodSandboxState;
import io.podslice.proto.cri.v1.PodSandboxStatusRequest;
import io.podslice.proto.cri.v1.PodSandboxStatusResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The sandboxes and containers of the runtime, by CRI's lists, and by the status of each one that is not known yet: two
 * calls where all are known. Each call is on a connection of its own.
 */
final class RuntimeLists implements RuntimeContents.Source {
    private static final long TIMEOUT_MILLIS = 10_000;

    private final UnixSocket runtime;
    private @Nullable RuntimeCall current;
    private boolean closed;

    RuntimeLists(UnixSocket runtime) {
        this.runtime = runtime;
    }

    @Override
    public RuntimeContents ask(Set<String> known) throws IOException {
        // Containers first: a sandbox is made before its containers, so none of them is listed without it.
        ListContainersResponse containers =
                ListContainersResponse.parseFrom(list("ListContainers", ListContainersRequest.getDefaultInstance()));
        ListPodSandboxResponse sandboxes =
                ListPodSandboxResponse.parseFrom(list("ListPodSandbox", ListPodSandboxRequest.getDefaultInstance()));
        List<RuntimeContents.Sandbox> pods = new ArrayList<>();
        for (PodSandbox sandbox : sandboxes.getItemsList()) {
            pods.add(sandbox(sandbox, known));
        }
        List<RuntimeContents.Container> all = new ArrayList<>();
        for (Container container : containers.getContainersList()) {
            all.add(container(container, known));
        }
        return new RuntimeContents(pods, all);
    }

    /** Asks for the sandboxes that run, the oldest first. */
    List<RuntimeContents.Sandbox> ready() throws IOException {
        ListPodSandboxResponse listed =
                ListPodSandboxResponse.parseFrom(list("ListPodSandbox", ListPodSandboxRequest.getDefaultInstance()));
        List<RuntimeContents.Sandbox> ready = new ArrayList<>();
        for (PodSandbox sandbox : listed.getItemsList()) {
            RuntimeContents.Sandbox one = sandbox(sandbox, Set.of());
            if (one.ready()) {
                ready.add(one);
            }
        }
        ready.sort(Comparator.comparingLong(RuntimeContents.Sandbox::createdAtNanos));
        return ready;
    }

    private RuntimeContents.Sandbox sandbox(PodSandbox listed, Set<String> known) throws IOException {
        boolean ready = listed.getState() == PodSandboxState.SANDBOX_READY;
        LinuxPodSandboxConfig linux = LinuxPodSandboxConfig.getDefaultInstance();
        if (ready && !known.contains(listed.getId())) {
            ByteBuffer reply = status(
                    "PodSandboxStatus",
                    PodSandboxStatusRequest.newBuilder()
                            .setPodSandboxId(listed.getId())
                            .setVerbose(true)
                            .build());
            ready = reply != null;
            if (reply != null) {
                linux = SandboxInfo.linux(
                        PodSandboxStatusResponse.parseFrom(reply).getInfoMap());
            }
        }
        PodSandboxRequest pod = CriRecords.sandbox(PodSandboxConfig.newBuilder()
                .setMetadata(listed.getMetadata())
                .putAllLabels(listed.getLabelsMap())
                .putAllAnnotations(listed.getAnnotationsMap())
                .setLinux(linux)
                .build());
        return new RuntimeContents.Sandbox(listed.getId(), pod, ready, listed.getCreatedAt());
    }

    private RuntimeContents.Container container(Container listed, Set<String> known) throws IOException {
        boolean live = listed.getState() == ContainerState.CONTAINER_RUNNING
                || listed.getState() == ContainerState.CONTAINER_CREATED;
        LinuxResources resources = LinuxResources.NONE;
        if (live && !known.contains(listed.getId())) {
            ByteBuffer reply = status(
                    "ContainerStatus",
                    ContainerStatusRequest.newBuilder()
                            .setContainerId(listed.getId())
                            .build());
            live = reply != null;
            if (reply != null) {
                resources = CriRecords.resources(ContainerStatusResponse.parseFrom(reply)
                        .getStatus()
                        .getResources()
                        .getLinux());
            }
        }
        return new RuntimeContents.Container(
                listed.getId(),
                listed.getPodSandboxId(),
                listed.getMetadata().getName(),
                live,
                listed.getCreatedAt(),
                resources);
    }

    private synchronized RuntimeCall newCall() throws IOException {
        if (closed) {
            throw new IOException("closed");
        }
        current = new RuntimeCall(runtime);
        return current;
    }

    /** Ends the call that is under way; none begins after that. */
    synchronized void close() {
        closed = true;
        if (current != null) {
            current.cancel();
        }
    }

    private ByteBuffer list(String method, MessageLite request) throws IOException {
        ByteBuffer reply = status(method, request);
        if (reply == null) {
            throw new IOException(method + ": not found");
        }
        return reply;
    }

    /** The reply; null if the runtime does not have, any more, what it was asked for. */
    private @Nullable ByteBuffer status(String method, MessageLite request) throws IOException {
        ByteString message = request.toByteString();
        RuntimeCall.Result result =
                newCall().ask(CriService.V1.path(method), message.asReadOnlyByteBuffer(), TIMEOUT_MILLIS);
        if (result.isNotFound()) {
            return null;
        }
        if (!result.isOk()) {
            throw new IOException(method + ": status " + result.end());
        }
        return result.message();
    }
}
