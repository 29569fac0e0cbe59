package io.podslice.integration.host;

import static org.awaitility.Awaitility.await;

import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import io.podslice.proto.cri.v1.ContainerConfig;
import io.podslice.proto.cri.v1.ContainerFilter;
import io.podslice.proto.cri.v1.ContainerMetadata;
import io.podslice.proto.cri.v1.ContainerStatusRequest;
import io.podslice.proto.cri.v1.CreateContainerRequest;
import io.podslice.proto.cri.v1.CreateContainerResponse;
import io.podslice.proto.cri.v1.ExecSyncRequest;
import io.podslice.proto.cri.v1.ImageSpec;
import io.podslice.proto.cri.v1.LinuxContainerConfig;
import io.podslice.proto.cri.v1.LinuxContainerResources;
import io.podslice.proto.cri.v1.LinuxContainerSecurityContext;
import io.podslice.proto.cri.v1.LinuxPodSandboxConfig;
import io.podslice.proto.cri.v1.LinuxSandboxSecurityContext;
import io.podslice.proto.cri.v1.ListContainersRequest;
import io.podslice.proto.cri.v1.ListPodSandboxRequest;
import io.podslice.proto.cri.v1.NamespaceMode;
import io.podslice.proto.cri.v1.NamespaceOption;
import io.podslice.proto.cri.v1.PodSandboxConfig;
import io.podslice.proto.cri.v1.PodSandboxFilter;
import io.podslice.proto.cri.v1.PodSandboxMetadata;
import io.podslice.proto.cri.v1.PodSandboxState;
import io.podslice.proto.cri.v1.PodSandboxStatusRequest;
import io.podslice.proto.cri.v1.PodSandboxStatusResponse;
import io.podslice.proto.cri.v1.RemoveContainerRequest;
import io.podslice.proto.cri.v1.RemovePodSandboxRequest;
import io.podslice.proto.cri.v1.RunPodSandboxRequest;
import io.podslice.proto.cri.v1.RunPodSandboxResponse;
import io.podslice.proto.cri.v1.RuntimeServiceGrpc;
import io.podslice.proto.cri.v1.StartContainerRequest;
import io.podslice.proto.cri.v1.StopContainerRequest;
import io.podslice.proto.cri.v1.StopPodSandboxRequest;
import io.podslice.proto.cri.v1.UpdateContainerResourcesRequest;
import io.podslice.proto.cri.v1.UpdatePodSandboxResourcesRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A pod and its container from start to removal over one channel, with the answers. */
final class LifeCycle {
    private static final Pattern TIME = Pattern.compile("(created_at|started_at|finished_at): \\d+");

    private final Channel channel;
    private final String name;
    private final String cgroupParent;
    private final List<String> transcript = new ArrayList<>();
    private String sandbox = "no sandbox yet";
    private String container = "no container yet";

    private LifeCycle(Channel channel, String name, String cgroupParent) {
        this.channel = channel;
        this.name = name;
        this.cgroupParent = cgroupParent;
    }

    /**
     * Runs the pod from start to removal.
     *
     * @param name of the pod; no other pod has it
     * @param cgroupParent of the pod; may be empty
     * @return every answer as text, with ids, the name and times replaced by what they are
     */
    static List<String> live(Channel channel, String name, String cgroupParent) {
        LifeCycle life = new LifeCycle(channel, name, cgroupParent);
        life.live();
        return life.transcript;
    }

    /** Returns the place of UpdatePodSandboxResources' answer in a transcript. */
    static int podUpdateIn(List<String> transcript) {
        String method = RuntimeServiceGrpc.getUpdatePodSandboxResourcesMethod().getFullMethodName();
        for (int i = 0; i < transcript.size(); i++) {
            if (transcript.get(i).startsWith(method)) {
                return i;
            }
        }
        throw new IllegalArgumentException("no answer of " + method);
    }

    private void live() {
        runPod();
        watchPod();
        createContainer();
        watchContainer();
        call(
                RuntimeServiceGrpc.getStartContainerMethod(),
                StartContainerRequest.newBuilder().setContainerId(container).build());
        watchContainer();
        call(
                RuntimeServiceGrpc.getUpdateContainerResourcesMethod(),
                UpdateContainerResourcesRequest.newBuilder()
                        .setContainerId(container)
                        .setLinux(LinuxContainerResources.newBuilder()
                                .setCpuShares(512)
                                .setMemoryLimitInBytes(64 << 20))
                        .build());
        call(
                RuntimeServiceGrpc.getUpdatePodSandboxResourcesMethod(),
                UpdatePodSandboxResourcesRequest.newBuilder()
                        .setPodSandboxId(sandbox)
                        .setOverhead(LinuxContainerResources.getDefaultInstance())
                        .setResources(LinuxContainerResources.newBuilder().setCpuShares(512))
                        .build());
        call(
                RuntimeServiceGrpc.getExecSyncMethod(),
                ExecSyncRequest.newBuilder()
                        .setContainerId(container)
                        .addCmd("echo")
                        .addCmd(name)
                        .setTimeout(30)
                        .build());
        watchContainer();
        end();
    }

    private void runPod() {
        RunPodSandboxResponse reply = call(
                RuntimeServiceGrpc.getRunPodSandboxMethod(),
                RunPodSandboxRequest.newBuilder()
                        .setConfig(pod(name, cgroupParent))
                        .build());
        sandbox = reply == null ? sandbox : reply.getPodSandboxId();
    }

    private void createContainer() {
        CreateContainerResponse reply = call(
                RuntimeServiceGrpc.getCreateContainerMethod(),
                CreateContainerRequest.newBuilder()
                        .setPodSandboxId(sandbox)
                        .setConfig(container("app"))
                        .setSandboxConfig(pod(name, cgroupParent))
                        .build());
        container = reply == null ? container : reply.getContainerId();
    }

    private void end() {
        call(
                RuntimeServiceGrpc.getStopContainerMethod(),
                StopContainerRequest.newBuilder()
                        .setContainerId(container)
                        .setTimeout(0)
                        .build());
        watchContainer();
        call(
                RuntimeServiceGrpc.getRemoveContainerMethod(),
                RemoveContainerRequest.newBuilder().setContainerId(container).build());
        watchContainer();
        call(
                RuntimeServiceGrpc.getStopPodSandboxMethod(),
                StopPodSandboxRequest.newBuilder().setPodSandboxId(sandbox).build());
        awaitNotReady();
        watchPod();
        call(
                RuntimeServiceGrpc.getRemovePodSandboxMethod(),
                RemovePodSandboxRequest.newBuilder().setPodSandboxId(sandbox).build());
        watchPod();
    }

    /**
     * Waits until the sandbox is not ready: containerd notes the end of the pause process when it hears of it, perhaps
     * after its answer.
     */
    private void awaitNotReady() {
        PodSandboxStatusRequest request =
                PodSandboxStatusRequest.newBuilder().setPodSandboxId(sandbox).build();
        await().until(() -> {
            PodSandboxStatusResponse reply = Exchange.call(
                            channel, RuntimeServiceGrpc.getPodSandboxStatusMethod(), request)
                    .reply();
            return reply == null || reply.getStatus().getState() == PodSandboxState.SANDBOX_NOTREADY;
        });
    }

    private void watchPod() {
        call(
                RuntimeServiceGrpc.getPodSandboxStatusMethod(),
                PodSandboxStatusRequest.newBuilder().setPodSandboxId(sandbox).build());
        call(
                RuntimeServiceGrpc.getListPodSandboxMethod(),
                ListPodSandboxRequest.newBuilder()
                        .setFilter(PodSandboxFilter.newBuilder().putLabelSelector("life", name))
                        .build());
    }

    private void watchContainer() {
        call(
                RuntimeServiceGrpc.getContainerStatusMethod(),
                ContainerStatusRequest.newBuilder().setContainerId(container).build());
        call(
                RuntimeServiceGrpc.getListContainersMethod(),
                ListContainersRequest.newBuilder()
                        .setFilter(ContainerFilter.newBuilder().setPodSandboxId(sandbox))
                        .build());
    }

    private <Q, T> @Nullable T call(MethodDescriptor<Q, T> method, Q request) {
        Exchange<T> exchange = Exchange.call(channel, method, request);
        transcript.add(TIME.matcher(exchange.text())
                .replaceAll("$1: TIME")
                .replace(sandbox, "SANDBOX")
                .replace(container, "CONTAINER")
                .replace(idIn(exchange.reply()), "NEW-ID")
                .replace(name, "NAME"));
        return exchange.reply();
    }

    /** Returns the id that the answer itself brings, which cannot be known before. */
    private static String idIn(@Nullable Object reply) {
        return switch (reply) {
            case RunPodSandboxResponse pod -> pod.getPodSandboxId();
            case CreateContainerResponse container -> container.getContainerId();
            case null, default -> "no id";
        };
    }

    /** Returns a pod that asks nothing of podslice. */
    static PodSandboxConfig pod(String name, String cgroupParent) {
        return PodSandboxConfig.newBuilder()
                .setMetadata(PodSandboxMetadata.newBuilder()
                        .setName(name)
                        .setNamespace("default")
                        .setUid(name + "-uid"))
                .putLabels("life", name)
                .putAnnotations("example.com/note", "for " + name)
                .setLinux(LinuxPodSandboxConfig.newBuilder()
                        .setCgroupParent(cgroupParent)
                        .setSecurityContext(LinuxSandboxSecurityContext.newBuilder()
                                .setNamespaceOptions(
                                        NamespaceOption.newBuilder().setNetwork(NamespaceMode.NODE)))
                        .setResources(LinuxContainerResources.newBuilder().setCpuShares(256)))
                .build();
    }

    static ContainerConfig container(String name) {
        return ContainerConfig.newBuilder()
                .setMetadata(ContainerMetadata.newBuilder().setName(name))
                .setImage(ImageSpec.newBuilder().setImage("podslice.io/test/busybox:1"))
                .addCommand("sleep")
                .addCommand("1000000")
                .setLinux(LinuxContainerConfig.newBuilder()
                        .setResources(LinuxContainerResources.newBuilder()
                                .setCpuPeriod(100_000)
                                .setCpuQuota(50_000)
                                .setCpuShares(256)
                                .setMemoryLimitInBytes(32 << 20))
                        .setSecurityContext(LinuxContainerSecurityContext.newBuilder()
                                .setNamespaceOptions(
                                        NamespaceOption.newBuilder().setNetwork(NamespaceMode.NODE))))
                .build();
    }
}
