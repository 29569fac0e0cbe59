package io.podslice.simulator.kubelet;

import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import io.podslice.proto.cri.v1.CreateContainerRequest;
import io.podslice.proto.cri.v1.LinuxContainerResources;
import io.podslice.proto.cri.v1.PodSandboxConfig;
import io.podslice.proto.cri.v1.RemoveContainerRequest;
import io.podslice.proto.cri.v1.RemovePodSandboxRequest;
import io.podslice.proto.cri.v1.RunPodSandboxRequest;
import io.podslice.proto.cri.v1.StartContainerRequest;
import io.podslice.proto.cri.v1.StopContainerRequest;
import io.podslice.proto.cri.v1.StopPodSandboxRequest;
import io.podslice.proto.cri.v1.UpdateContainerResourcesRequest;
import io.podslice.proto.cri.v1.UpdatePodSandboxResourcesRequest;
import io.podslice.simulator.cri.CriClient;
import io.podslice.simulator.libcontainer.CgroupfsLibcontainer;
import io.podslice.simulator.libcontainer.Libcontainer;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Drives a node as the kubelet does: pod cgroups by class, CRI messages with the kubelet's values, its order of calls
 * at start, in-place resize, stop and removal. The CPU manager's policy is none: no cpuset is ever sent. For one
 * thread.
 */
public final class KubeletDriver {
    private static final long GRACE_SECONDS = 30;

    private final CriClient cri;
    private final CgroupPath kubepods;
    private final PodCgroups podCgroups;
    private final KubeletCgroups cgroups;
    private final CriMessages messages;
    private final CallLog log;
    private final PodLife life;
    private final Map<String, PodManifest> burstable = new LinkedHashMap<>();

    /** A kubelet that serves no API of its own; the parameters are those of the other constructors. */
    public KubeletDriver(
            CriClient cri, CgroupFiles files, CgroupPath kubepods, PodCgroups podCgroups, NodeSize node, CallLog log) {
        this(cri, files, kubepods, podCgroups, node, log, PodLife.NONE);
    }

    /** A kubelet with the cgroupfs driver; the parameters are those of the other constructor. */
    public KubeletDriver(
            CriClient cri,
            CgroupFiles files,
            CgroupPath kubepods,
            PodCgroups podCgroups,
            NodeSize node,
            CallLog log,
            PodLife life) {
        this(cri, new CgroupfsLibcontainer(files), kubepods, podCgroups, node, log, life);
    }

    /**
     * @param cri the runtime's or the shim's socket
     * @param libcontainer makes the kubelet's cgroups, with its driver
     * @param kubepods the cgroup of all pods; a slice with systemd's driver
     * @param podCgroups the program that makes and sizes the cgroups of pods
     * @param node the node's size
     * @param log hears of each call
     * @param life the kubelet's parts beside these calls
     */
    public KubeletDriver(
            CriClient cri,
            Libcontainer libcontainer,
            CgroupPath kubepods,
            PodCgroups podCgroups,
            NodeSize node,
            CallLog log,
            PodLife life) {
        this.cri = cri;
        this.kubepods = kubepods;
        this.podCgroups = podCgroups;
        this.cgroups = new KubeletCgroups(libcontainer, kubepods, node);
        this.messages = new CriMessages(kubepods, node.memoryBytes(), node.hugePageSizes());
        this.log = log;
        this.life = life;
    }

    /** Makes the cgroups above those of pods, as the kubelet does at its own start. */
    public void prepareNode() {
        cgroups.prepareNode();
    }

    /** Does what the kubelet does every minute: it sets the weights of the QoS classes' cgroups again. */
    public void everyMinute() {
        cgroups.weighClasses();
    }

    /** Returns the pod's cgroup. */
    public CgroupPath cgroup(PodManifest pod) {
        return pod.cgroup(kubepods);
    }

    /**
     * Starts the pod and all its containers; init containers are taken to have ended already.
     *
     * @return the pod as it runs, with the kubelet's own annotations
     * @throws StatusRuntimeException if the runtime or the shim refuses; what was started is left to {@link #remove}
     * @throws RejectedPodException if the kubelet itself does not admit the pod
     */
    public RunningPod run(PodManifest desired) {
        PodManifest pod = life.admit(desired);
        if (podCgroups == PodCgroups.BY_KUBELET) {
            cgroups.makePod(pod);
        }
        if (pod.qos() == Qos.BURSTABLE) {
            burstable.put(pod.uid(), pod);
            weighBurstable();
        }
        RunningPod running = run(pod, 0);
        life.running(pod);
        return running;
    }

    private RunningPod run(PodManifest pod, int attempt) {
        PodSandboxConfig sandbox = messages.sandbox(pod, attempt);
        log.calling("RunPodSandbox", pod.name(), "");
        String sandboxId = cri.runtime()
                .runPodSandbox(
                        RunPodSandboxRequest.newBuilder().setConfig(sandbox).build())
                .getPodSandboxId();
        RunningPod running = new RunningPod(pod, sandboxId, Map.of());
        for (ContainerManifest container : pod.longRunning()) {
            running = create(running, container.name(), attempt);
            start(running, container.name());
        }
        return running;
    }

    /**
     * Makes a running pod's sandbox anew, and its containers in it, as after its pause process has died.
     *
     * @param attempt the number of the new attempt
     * @return the pod as it runs now
     */
    public RunningPod sandboxAnew(RunningPod running, int attempt) {
        end(running);
        return run(running.manifest(), attempt);
    }

    /**
     * Removes a container of a running pod, and creates it anew with the values of another manifest, as for a resize that
     * restarts it. {@link #start} starts it.
     *
     * @param attempt the number of the new attempt
     * @return the pod with the new container
     */
    public RunningPod containerAnew(RunningPod running, PodManifest desired, String container, int attempt) {
        log.calling("RemoveContainer", running.manifest().name() + "/" + container, "");
        var _ = cri.runtime()
                .removeContainer(RemoveContainerRequest.newBuilder()
                        .setContainerId(running.containerId(container))
                        .build());
        return create(new RunningPod(desired, running.sandboxId(), running.containerIds()), container, attempt);
    }

    private RunningPod create(RunningPod running, String container, int attempt) {
        PodManifest pod = running.manifest();
        log.calling("CreateContainer", pod.name() + "/" + container, "");
        String id = cri.runtime()
                .createContainer(CreateContainerRequest.newBuilder()
                        .setPodSandboxId(running.sandboxId())
                        .setConfig(messages.container(pod, pod.container(container), attempt))
                        .setSandboxConfig(messages.sandbox(pod, attempt))
                        .build())
                .getContainerId();
        Map<String, String> ids = new LinkedHashMap<>(running.containerIds());
        ids.put(container, id);
        return new RunningPod(pod, running.sandboxId(), ids);
    }

    /** Starts a container that is created. */
    public void start(RunningPod running, String container) {
        log.calling("StartContainer", running.manifest().name() + "/" + container, "");
        var _ = cri.runtime()
                .startContainer(StartContainerRequest.newBuilder()
                        .setContainerId(running.containerId(container))
                        .build());
    }

    /**
     * Resizes a running pod in place. The new spec has the generation after the present one's.
     *
     * @return the pod as it runs now
     * @throws IllegalArgumentException if the pod's class would change, as the API server would say
     * @throws StatusRuntimeException if a step is refused; the steps before it stay, as with the kubelet
     */
    public RunningPod resize(RunningPod running, PodManifest target) {
        PodManifest current = running.manifest();
        if (current.qos() != target.qos()) {
            throw new IllegalArgumentException("Pod QOS Class may not change as a result of resizing");
        }
        PodManifest desired = target.at(current.generation() + 1);
        life.resizing(desired);
        new Resize(messages, current, desired, new Steps(running)).run();
        if (desired.qos() == Qos.BURSTABLE) {
            burstable.put(desired.uid(), desired);
            weighBurstable();
        }
        life.resized(desired);
        return new RunningPod(desired, running.sandboxId(), running.containerIds());
    }

    /** Stops its containers with the usual grace, then its sandbox. */
    public void stop(RunningPod running) {
        end(running);
        life.stopped(running.manifest());
    }

    private void end(RunningPod running) {
        running.containerIds().forEach((name, id) -> {
            log.calling("StopContainer", running.manifest().name() + "/" + name, "");
            var _ = cri.runtime()
                    .stopContainer(StopContainerRequest.newBuilder()
                            .setContainerId(id)
                            .setTimeout(GRACE_SECONDS)
                            .build());
        });
        log.calling("StopPodSandbox", running.manifest().name(), "");
        var _ = cri.runtime()
                .stopPodSandbox(StopPodSandboxRequest.newBuilder()
                        .setPodSandboxId(running.sandboxId())
                        .build());
    }

    /** Removes a stopped pod: its containers, its sandbox, and its cgroup where it is still there. */
    public void remove(RunningPod running) {
        running.containerIds().forEach((name, id) -> {
            log.calling("RemoveContainer", running.manifest().name() + "/" + name, "");
            var _ = cri.runtime()
                    .removeContainer(RemoveContainerRequest.newBuilder()
                            .setContainerId(id)
                            .build());
        });
        log.calling("RemovePodSandbox", running.manifest().name(), "");
        var _ = cri.runtime()
                .removePodSandbox(RemovePodSandboxRequest.newBuilder()
                        .setPodSandboxId(running.sandboxId())
                        .build());
        cgroups.removePod(running.manifest());
        if (burstable.remove(running.manifest().uid()) != null) {
            weighBurstable();
        }
        life.removed(running.manifest());
    }

    private void weighBurstable() {
        cgroups.weighBurstable(burstable.values().stream()
                .mapToLong(pod -> pod.effectiveRequests().cpuMillis())
                .sum());
    }

    private final class Steps implements Resize.Actions {
        private final RunningPod running;
        private final CgroupPath cgroup;

        Steps(RunningPod running) {
            this.running = running;
            this.cgroup = cgroup(running.manifest());
        }

        @Override
        public void tellRuntime(PodBudget budget, String what) {
            log.calling("UpdatePodSandboxResources", running.manifest().name(), what);
            try {
                var _ = cri.runtime()
                        .updatePodSandboxResources(UpdatePodSandboxResourcesRequest.newBuilder()
                                .setPodSandboxId(running.sandboxId())
                                .setOverhead(LinuxContainerResources.getDefaultInstance())
                                .setResources(CriMessages.podResources(
                                        budget.cpuRequestMillis(), budget.cpuLimitMillis(), budget.memoryLimitBytes()))
                                .build());
            } catch (StatusRuntimeException e) {
                if (!runtimeIsTooOld(e)) {
                    throw e;
                }
            }
        }

        /** Returns true for the two answers after which the kubelet goes on without the runtime's consent. */
        private static boolean runtimeIsTooOld(StatusRuntimeException e) {
            String text = e.getStatus().getDescription();
            return e.getStatus().getCode() == Code.UNIMPLEMENTED
                    || (e.getStatus().getCode() == Code.UNKNOWN && text != null && text.contains("not implemented"));
        }

        @Override
        public void podCpuRequest(long millis) {
            if (podCgroups == PodCgroups.BY_KUBELET) {
                cgroups.writeCpuRequest(cgroup, millis);
            }
        }

        @Override
        public void podCpuLimit(long millis) {
            if (podCgroups == PodCgroups.BY_KUBELET) {
                cgroups.writeCpuLimit(cgroup, millis);
            }
        }

        @Override
        public void podMemoryLimit(long bytes) {
            if (podCgroups == PodCgroups.BY_KUBELET) {
                cgroups.writeMemoryLimit(cgroup, bytes);
            }
        }

        @Override
        public void container(ContainerManifest container, LinuxContainerResources resources, String what) {
            log.calling("UpdateContainerResources", running.manifest().name() + "/" + container.name(), what);
            var _ = cri.runtime()
                    .updateContainerResources(UpdateContainerResourcesRequest.newBuilder()
                            .setContainerId(running.containerId(container.name()))
                            .setLinux(resources)
                            .build());
        }
    }
}
