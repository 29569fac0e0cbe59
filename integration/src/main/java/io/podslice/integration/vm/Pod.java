package io.podslice.integration.vm;

import io.grpc.StatusRuntimeException;
import io.podslice.cgroups.CpuSet;
import io.podslice.proto.cri.v1.ContainerConfig;
import io.podslice.proto.cri.v1.CreateContainerRequest;
import io.podslice.proto.cri.v1.LinuxContainerResources;
import io.podslice.proto.cri.v1.PodSandboxConfig;
import io.podslice.proto.cri.v1.RemoveContainerRequest;
import io.podslice.proto.cri.v1.RemovePodSandboxRequest;
import io.podslice.proto.cri.v1.RunPodSandboxRequest;
import io.podslice.proto.cri.v1.StartContainerRequest;
import io.podslice.proto.cri.v1.StopPodSandboxRequest;
import io.podslice.proto.cri.v1.UpdateContainerResourcesRequest;
import io.podslice.proto.cri.v1.UpdatePodSandboxResourcesRequest;
import io.podslice.simulator.cri.CriClient;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A pod started from crictl's files, as crictl would. */
final class Pod {
    private static final CgroupNames NAMES = CgroupNames.here();
    private static final int ATTEMPTS = 3;

    private final CriClient cri;
    private final PodSandboxConfig config;
    private final String sandboxId;
    private final String cgroup;
    private final Map<String, String> containers = new LinkedHashMap<>();

    private Pod(CriClient cri, PodSandboxConfig config, String sandboxId) {
        this.cri = cri;
        this.config = config;
        this.sandboxId = sandboxId;
        this.cgroup = config.getLinux().getCgroupParent();
    }

    /**
     * Runs the pod of {@code pod.json} with a container for each name.
     *
     * @param folder the folder of the files
     */
    static Pod run(CriClient cri, Path folder, List<String> names) {
        PodSandboxConfig config = config(folder);
        String id = cri.runtime()
                .runPodSandbox(
                        RunPodSandboxRequest.newBuilder().setConfig(config).build())
                .getPodSandboxId();
        Pod pod = new Pod(cri, config, id);
        for (String name : names) {
            pod.start(name, CrictlFiles.container(folder.resolve(name + ".json")));
        }
        return pod;
    }

    /** Returns the pod of {@code pod.json} with the cgroup that it has with this machine's driver. */
    static PodSandboxConfig config(Path folder) {
        return named(CrictlFiles.pod(folder.resolve("pod.json")));
    }

    /**
     * Creates and starts one more container, of another name than that in its configuration. One whose start meets runc's race
     * with systemd for a container's device filters (opencontainers/runc 3604) is made anew, as the kubelet would.
     */
    void start(String name, ContainerConfig container) {
        ContainerConfig.Builder named = container.toBuilder();
        named.getMetadataBuilder().setName(name);
        for (int attempt = 1; ; attempt++) {
            String id = cri.runtime()
                    .createContainer(CreateContainerRequest.newBuilder()
                            .setPodSandboxId(sandboxId)
                            .setConfig(named)
                            .setSandboxConfig(config)
                            .build())
                    .getContainerId();
            try {
                var _ = cri.runtime()
                        .startContainer(StartContainerRequest.newBuilder()
                                .setContainerId(id)
                                .build());
                containers.put(name, id);
                return;
            } catch (StatusRuntimeException e) {
                if (attempt == ATTEMPTS || !String.valueOf(e.getMessage()).contains("BPF_PROG_ATTACH")) {
                    throw e;
                }
            }
            var _ = cri.runtime()
                    .removeContainer(RemoveContainerRequest.newBuilder()
                            .setContainerId(id)
                            .build());
            named.getMetadataBuilder().setAttempt(attempt);
        }
    }

    /** Returns the pod with the cgroup that it has with this machine's driver; the file has that of cgroupfs. */
    private static PodSandboxConfig named(PodSandboxConfig config) {
        PodSandboxConfig.Builder named = config.toBuilder();
        named.getLinuxBuilder()
                .setCgroupParent(NAMES.directory(config.getLinux().getCgroupParent()));
        return named.build();
    }

    String cgroup() {
        return cgroup;
    }

    String sandboxId() {
        return sandboxId;
    }

    /** Returns the pod as another client has it. */
    Pod over(CriClient other) {
        Pod pod = new Pod(other, config, sandboxId);
        pod.containers.putAll(containers);
        return pod;
    }

    String sandboxCgroup() {
        return NAMES.container(cgroup, sandboxId);
    }

    String cgroup(String container) {
        return NAMES.container(cgroup, id(container));
    }

    private String id(String container) {
        String id = containers.get(container);
        if (id == null) {
            throw new IllegalArgumentException("no container " + container);
        }
        return id;
    }

    /** Returns the CPUs on which the scheduler may put the container's first process. */
    CpuSet allowed(String container) {
        return Linux.allowed(Linux.processes(cgroup(container)).getFirst());
    }

    /** Returns oom_score_adj of the container's first process. */
    long oomScoreAdj(String container) {
        return Linux.oomScoreAdj(Linux.processes(cgroup(container)).getFirst());
    }

    /**
     * Makes the kubelet's calls for a pod whose CPU budget changes: for the pod, then for the containers that inherit
     * from it.
     */
    void resize(LinuxContainerResources budget, List<String> inheriting) {
        var _ = cri.runtime()
                .updatePodSandboxResources(UpdatePodSandboxResourcesRequest.newBuilder()
                        .setPodSandboxId(sandboxId)
                        .setResources(budget)
                        .build());
        for (String name : inheriting) {
            var _ = cri.runtime()
                    .updateContainerResources(UpdateContainerResourcesRequest.newBuilder()
                            .setContainerId(id(name))
                            .setLinux(budget)
                            .build());
        }
    }

    /** Makes the kubelet's call for one container, which names no CPUs. */
    void update(String container, long shares, long quotaMicros) {
        var _ = cri.runtime()
                .updateContainerResources(UpdateContainerResourcesRequest.newBuilder()
                        .setContainerId(id(container))
                        .setLinux(LinuxContainerResources.newBuilder()
                                .setCpuPeriod(100_000)
                                .setCpuQuota(quotaMicros)
                                .setCpuShares(shares))
                        .build());
    }

    void remove() {
        var _ = cri.runtime()
                .stopPodSandbox(StopPodSandboxRequest.newBuilder()
                        .setPodSandboxId(sandboxId)
                        .build());
        var _ = cri.runtime()
                .removePodSandbox(RemovePodSandboxRequest.newBuilder()
                        .setPodSandboxId(sandboxId)
                        .build());
    }
}
