package io.podslice.simulator.kubelet;

import io.podslice.cgroups.CgroupPath;
import io.podslice.proto.cri.v1.ContainerConfig;
import io.podslice.proto.cri.v1.ContainerMetadata;
import io.podslice.proto.cri.v1.HugepageLimit;
import io.podslice.proto.cri.v1.ImageSpec;
import io.podslice.proto.cri.v1.LinuxContainerConfig;
import io.podslice.proto.cri.v1.LinuxContainerResources;
import io.podslice.proto.cri.v1.LinuxPodSandboxConfig;
import io.podslice.proto.cri.v1.LinuxSandboxSecurityContext;
import io.podslice.proto.cri.v1.NamespaceMode;
import io.podslice.proto.cri.v1.NamespaceOption;
import io.podslice.proto.cri.v1.PodSandboxConfig;
import io.podslice.proto.cri.v1.PodSandboxMetadata;
import java.util.List;

/** The kubelet's CRI messages about a pod (facts: kubelet 3.1, 3.2, 1.6, 1.7). */
final class CriMessages {
    private static final int GUARANTEED_OOM_ADJ = -997;
    private static final int BEST_EFFORT_OOM_ADJ = 1000;

    private final CgroupPath kubepods;
    private final long nodeMemoryBytes;
    private final List<String> hugePageSizes;

    /** @param hugePageSizes every size that the node supports, as CRI names them */
    CriMessages(CgroupPath kubepods, long nodeMemoryBytes, List<String> hugePageSizes) {
        this.kubepods = kubepods;
        this.nodeMemoryBytes = nodeMemoryBytes;
        this.hugePageSizes = List.copyOf(hugePageSizes);
    }

    /**
     * Returns the sandbox's configuration. The pod is on the node's network and has its hostname, so the message has
     * none.
     */
    PodSandboxConfig sandbox(PodManifest pod, int attempt) {
        return PodSandboxConfig.newBuilder()
                .setMetadata(PodSandboxMetadata.newBuilder()
                        .setName(pod.name())
                        .setNamespace(pod.namespace())
                        .setUid(pod.uid())
                        .setAttempt(attempt))
                .setLogDirectory("/var/log/pods/" + pod.namespace() + "_" + pod.name() + "_" + pod.uid())
                .putLabels("io.kubernetes.pod.name", pod.name())
                .putLabels("io.kubernetes.pod.namespace", pod.namespace())
                .putLabels("io.kubernetes.pod.uid", pod.uid())
                .putAllAnnotations(pod.annotations())
                .setLinux(LinuxPodSandboxConfig.newBuilder()
                        .setCgroupParent(pod.cgroup(kubepods).value())
                        .setSecurityContext(LinuxSandboxSecurityContext.newBuilder()
                                .setNamespaceOptions(NamespaceOption.newBuilder()
                                        .setNetwork(NamespaceMode.NODE)
                                        .setPid(NamespaceMode.CONTAINER)))
                        .setOverhead(LinuxContainerResources.getDefaultInstance())
                        .setResources(podResources(pod)))
                .build();
    }

    /** Returns the pod's requests and limits without overhead. */
    LinuxContainerResources podResources(PodManifest pod) {
        return podResources(
                pod.effectiveRequests().cpuMillis(),
                pod.effectiveLimits().cpuMillis(),
                pod.effectiveLimits().memoryBytes());
    }

    static LinuxContainerResources podResources(long cpuRequestMillis, long cpuLimitMillis, long memoryLimitBytes) {
        return LinuxContainerResources.newBuilder()
                .setCpuPeriod(Formulas.PERIOD_MICROS)
                .setCpuQuota(Formulas.quotaMicros(cpuLimitMillis))
                .setCpuShares(Formulas.shares(cpuRequestMillis))
                .setMemoryLimitInBytes(memoryLimitBytes)
                .build();
    }

    ContainerConfig container(PodManifest pod, ContainerManifest container, int attempt) {
        return ContainerConfig.newBuilder()
                .setMetadata(
                        ContainerMetadata.newBuilder().setName(container.name()).setAttempt(attempt))
                .setImage(ImageSpec.newBuilder().setImage(container.image()).setUserSpecifiedImage(container.image()))
                .putLabels("io.kubernetes.container.name", container.name())
                .putLabels("io.kubernetes.pod.name", pod.name())
                .putLabels("io.kubernetes.pod.namespace", pod.namespace())
                .putLabels("io.kubernetes.pod.uid", pod.uid())
                .putAnnotations("io.kubernetes.container.restartCount", Integer.toString(attempt))
                .setLogPath(container.name() + "/" + attempt + ".log")
                .setLinux(LinuxContainerConfig.newBuilder().setResources(containerResources(pod, container)))
                .build();
    }

    /** Returns the container's own requests, and its limits with the pod's for those it does not have. */
    LinuxContainerResources containerResources(PodManifest pod, ContainerManifest container) {
        return containerResources(pod, container, pod.effectiveLimits(container));
    }

    /**
     * Returns the container's own requests with the given limits, for the steps of a resize that change one resource
     * only.
     */
    LinuxContainerResources containerResources(PodManifest pod, ContainerManifest container, Amounts limits) {
        long request = container.wants().requests().cpuMillis();
        LinuxContainerResources.Builder resources = LinuxContainerResources.newBuilder()
                .setCpuPeriod(Formulas.PERIOD_MICROS)
                .setCpuQuota(Formulas.quotaMicros(limits.cpuMillis()))
                .setCpuShares(Formulas.shares(request == 0 ? limits.cpuMillis() : request))
                .setMemoryLimitInBytes(limits.memoryBytes())
                .setOomScoreAdj(oomScoreAdj(pod, container))
                .putUnified("memory.oom.group", "1")
                .putUnified("memory.swap.max", "0");
        for (String size : hugePageSizes) {
            resources.addHugepageLimits(HugepageLimit.newBuilder().setPageSize(size));
        }
        return resources.build();
    }

    private int oomScoreAdj(PodManifest pod, ContainerManifest container) {
        return switch (pod.qos()) {
            case GUARANTEED -> GUARANTEED_OOM_ADJ;
            case BEST_EFFORT -> BEST_EFFORT_OOM_ADJ;
            case BURSTABLE -> burstableOomScoreAdj(pod, container);
        };
    }

    private int burstableOomScoreAdj(PodManifest pod, ContainerManifest container) {
        long unclaimed = 0;
        if (pod.wants().requests().memoryBytes() != 0) {
            long claimed = pod.containers().stream()
                    .mapToLong(c -> c.wants().requests().memoryBytes())
                    .sum();
            unclaimed = (pod.wants().requests().memoryBytes() - claimed)
                    / pod.containers().size();
        }
        long share = 1000 * (container.wants().requests().memoryBytes() + unclaimed) / nodeMemoryBytes;
        return Math.clamp(1000 - share, 3, 999);
    }
}
