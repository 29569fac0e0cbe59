package io.podslice.shim;

import io.podslice.managers.pod.LinuxResources;
import io.podslice.node.RuntimeUpdates;
import io.podslice.proto.cri.v1.LinuxContainerResources;
import io.podslice.proto.cri.v1.UpdateContainerResourcesRequest;
import io.podslice.shim.tap.GrpcStatus;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the runtime of containers' new resources with calls of UpdateContainerResources of our own, past the shim. */
public final class RuntimeContainers implements RuntimeUpdates {
    private static final Logger log = LoggerFactory.getLogger(RuntimeContainers.class);

    private static final String UPDATE = "/runtime.v1.RuntimeService/UpdateContainerResources";
    private static final long TIMEOUT_MILLIS = 10_000;

    private final Path socket;
    private final ShimOptions options;

    /** @param socket the runtime's own */
    public RuntimeContainers(Path socket, ShimOptions options) {
        this.socket = socket;
        this.options = options;
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
        GrpcStatus status;
        try {
            ByteBuffer message = ByteBuffer.wrap(request.toByteArray());
            status = RuntimeCall.to(socket, options)
                    .unary(UPDATE, List.of(), message, TIMEOUT_MILLIS)
                    .status();
        } catch (IOException e) {
            log.warn("container {}: the runtime cannot be told of its resize yet: {}", containerId, e.toString());
            return false;
        }
        if (status.code() == GrpcStatus.OK || status.code() == GrpcStatus.NOT_FOUND) {
            return true;
        }
        log.warn("container {}: the runtime was told of its resize and answers {}", containerId, status);
        return false;
    }
}
