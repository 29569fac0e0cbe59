package io.podslice.simulator.runtime;

import io.podslice.cgroups.CgroupPath;
import io.podslice.proto.cri.v1.LinuxContainerResources;
import io.podslice.proto.cri.v1.PodSandbox;
import io.podslice.proto.cri.v1.PodSandboxConfig;
import io.podslice.proto.cri.v1.PodSandboxState;
import io.podslice.proto.cri.v1.PodSandboxStatus;

/** A pod sandbox in the runtime's books. Guarded by the runtime's lock. */
final class SandboxEntry {
    final String id;
    final PodSandboxConfig config;
    final String handler;
    final long createdAt;
    final CgroupPath cgroup;
    LinuxContainerResources overhead;
    LinuxContainerResources resources;
    boolean ready;
    int pid;

    SandboxEntry(String id, PodSandboxConfig config, String handler, long createdAt, CgroupPath cgroup) {
        this.id = id;
        this.config = config;
        this.handler = handler;
        this.createdAt = createdAt;
        this.cgroup = cgroup;
        this.overhead = config.getLinux().getOverhead();
        this.resources = config.getLinux().getResources();
    }

    PodSandboxState state() {
        return ready ? PodSandboxState.SANDBOX_READY : PodSandboxState.SANDBOX_NOTREADY;
    }

    PodSandboxStatus status() {
        return PodSandboxStatus.newBuilder()
                .setId(id)
                .setMetadata(config.getMetadata())
                .setState(state())
                .setCreatedAt(createdAt)
                .putAllLabels(config.getLabelsMap())
                .putAllAnnotations(config.getAnnotationsMap())
                .setRuntimeHandler(handler)
                .build();
    }

    PodSandbox listed() {
        return PodSandbox.newBuilder()
                .setId(id)
                .setMetadata(config.getMetadata())
                .setState(state())
                .setCreatedAt(createdAt)
                .putAllLabels(config.getLabelsMap())
                .putAllAnnotations(config.getAnnotationsMap())
                .setRuntimeHandler(handler)
                .build();
    }
}
