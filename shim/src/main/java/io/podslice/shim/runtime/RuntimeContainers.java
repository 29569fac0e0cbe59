package io.podslice.shim.runtime;

import com.google.protobuf.MessageLite;
import io.podslice.grpc.UnixSocket;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.node.RuntimeUpdates;
import io.podslice.proto.cri.v1.ContainerStatusRequest;
import io.podslice.proto.cri.v1.ContainerStatusResponse;
import io.podslice.proto.cri.v1.LinuxContainerResources;
import io.podslice.proto.cri.v1.UpdateContainerResourcesRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the runtime of containers' new resources, and asks for those it has stored, with calls of its own, past the shim. */
public final class RuntimeContainers implements RuntimeUpdates {
    private static final Logger log = LoggerFactory.getLogger(RuntimeContainers.class);

    private static final String UPDATE = CriService.V1.path("UpdateContainerResources");
    private static final String STATUS = CriService.V1.path("ContainerStatus");
    private static final long TIMEOUT_MILLIS = 10_000;

    private final UnixSocket runtime;

    /** @param runtime the runtime's own socket, so that the shim does not see the calls */
    public RuntimeContainers(UnixSocket runtime) {
        this.runtime = runtime;
    }

    @Override
    public boolean isConnected() {
        return true;
    }

    @Override
    public boolean update(String containerId, LinuxResources resources) {
        UpdateContainerResourcesRequest request = UpdateContainerResourcesRequest.newBuilder()
                .setContainerId(containerId)
                .setLinux(CriRecords.rewritten(LinuxContainerResources.getDefaultInstance(), resources))
                .build();
        RuntimeCall.Result result;
        try {
            result = ask(UPDATE, request);
        } catch (IOException e) {
            log.warn("container {}: the runtime cannot be told of its resize yet: {}", containerId, e.toString());
            return false;
        }
        if (result.isOk() || result.isNotFound()) {
            return true;
        }
        log.warn("container {}: the runtime was told of its resize and answers status {}", containerId, result.end());
        return false;
    }

    @Override
    public long storedMemoryLimit(String containerId) {
        ContainerStatusRequest request =
                ContainerStatusRequest.newBuilder().setContainerId(containerId).build();
        try {
            RuntimeCall.Result result = ask(STATUS, request);
            if (result.isOk()) {
                return ContainerStatusResponse.parseFrom(result.message())
                        .getStatus()
                        .getResources()
                        .getLinux()
                        .getMemoryLimitInBytes();
            }
            if (!result.isNotFound()) {
                log.warn(
                        "container {}: the runtime was asked for its memory limit and answers status {}",
                        containerId,
                        result.end());
            }
            return 0;
        } catch (IOException e) {
            log.warn("container {}: the runtime cannot be asked for its memory limit: {}", containerId, e.toString());
            return 0;
        }
    }

    private RuntimeCall.Result ask(String method, MessageLite request) throws IOException {
        return new RuntimeCall(runtime).ask(method, ByteBuffer.wrap(request.toByteArray()), TIMEOUT_MILLIS);
    }
}
