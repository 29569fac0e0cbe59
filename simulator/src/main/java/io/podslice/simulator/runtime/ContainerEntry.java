package io.podslice.simulator.runtime;

import io.podslice.cgroups.CgroupPath;
import io.podslice.proto.cri.v1.Container;
import io.podslice.proto.cri.v1.ContainerConfig;
import io.podslice.proto.cri.v1.ContainerResources;
import io.podslice.proto.cri.v1.ContainerState;
import io.podslice.proto.cri.v1.ContainerStatus;
import io.podslice.proto.cri.v1.LinuxContainerResources;

/** A container in the runtime's books. Guarded by the runtime's lock. */
final class ContainerEntry {
    final String id;
    final SandboxEntry sandbox;
    final ContainerConfig config;
    final String imageId;
    final long createdAt;
    final CgroupPath cgroup;
    /** The stored spec, which the next start and the next update write. */
    LinuxContainerResources resources;

    ContainerState state = ContainerState.CONTAINER_CREATED;
    long startedAt;
    long finishedAt;
    int exitCode;
    String reason = "";
    String message = "";
    int pid;

    ContainerEntry(
            String id,
            SandboxEntry sandbox,
            ContainerConfig config,
            String imageId,
            long createdAt,
            CgroupPath cgroup) {
        this.id = id;
        this.sandbox = sandbox;
        this.config = config;
        this.imageId = imageId;
        this.createdAt = createdAt;
        this.cgroup = cgroup;
        this.resources = config.getLinux().getResources();
    }

    ContainerStatus status() {
        return ContainerStatus.newBuilder()
                .setId(id)
                .setMetadata(config.getMetadata())
                .setState(state)
                .setCreatedAt(createdAt)
                .setStartedAt(startedAt)
                .setFinishedAt(finishedAt)
                .setExitCode(exitCode)
                .setImage(config.getImage())
                .setImageRef(imageId)
                .setImageId(imageId)
                .setReason(reason)
                .setMessage(message)
                .putAllLabels(config.getLabelsMap())
                .putAllAnnotations(config.getAnnotationsMap())
                .setLogPath(logPath())
                .setResources(ContainerResources.newBuilder().setLinux(resources))
                .build();
    }

    private String logPath() {
        String directory = sandbox.config.getLogDirectory();
        return directory.isEmpty() || config.getLogPath().isEmpty() ? "" : directory + "/" + config.getLogPath();
    }

    Container listed() {
        return Container.newBuilder()
                .setId(id)
                .setPodSandboxId(sandbox.id)
                .setMetadata(config.getMetadata())
                .setImage(config.getImage())
                .setImageRef(imageId)
                .setImageId(imageId)
                .setState(state)
                .setCreatedAt(createdAt)
                .putAllLabels(config.getLabelsMap())
                .putAllAnnotations(config.getAnnotationsMap())
                .build();
    }
}
