package io.podslice.shim.runtime;

import io.podslice.managers.pod.LinuxResources;
import io.podslice.node.ContainerRequest;
import io.podslice.node.PodSandboxRequest;
import io.podslice.proto.cri.v1.ContainerConfig;
import io.podslice.proto.cri.v1.CreateContainerRequest;
import io.podslice.proto.cri.v1.HugepageLimit;
import io.podslice.proto.cri.v1.LinuxContainerResources;
import io.podslice.proto.cri.v1.PodSandboxConfig;
import io.podslice.proto.cri.v1.PodSandboxMetadata;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/** CRI's messages as the brain knows them, and back. */
public final class CriRecords {
    private CriRecords() {}

    /** Translates a sandbox's configuration. */
    public static PodSandboxRequest sandbox(PodSandboxConfig config) {
        PodSandboxMetadata metadata = config.getMetadata();
        return new PodSandboxRequest(
                metadata.getUid(),
                metadata.getNamespace(),
                metadata.getName(),
                Integer.toUnsignedLong(metadata.getAttempt()),
                config.getLinux().getCgroupParent(),
                config.getLabelsMap(),
                config.getAnnotationsMap(),
                resources(config.getLinux().getResources()),
                resources(config.getLinux().getOverhead()));
    }

    /** Translates a request for a container. */
    public static ContainerRequest container(CreateContainerRequest request) {
        ContainerConfig config = request.getConfig();
        return new ContainerRequest(
                request.getPodSandboxId(),
                sandbox(request.getSandboxConfig()),
                config.getMetadata().getName(),
                Integer.toUnsignedLong(config.getMetadata().getAttempt()),
                config.getLabelsMap(),
                config.getAnnotationsMap(),
                resources(config.getLinux().getResources()));
    }

    /** Translates resources; units are CRI's, 0 and empty where a field is not set. */
    public static LinuxResources resources(LinuxContainerResources resources) {
        Map<String, Long> hugepages = new LinkedHashMap<>();
        for (HugepageLimit limit : resources.getHugepageLimitsList()) {
            hugepages.put(limit.getPageSize(), limit.getLimit());
        }
        return new LinuxResources(
                new LinuxResources.Cpu(resources.getCpuPeriod(), resources.getCpuQuota(), resources.getCpuShares()),
                new LinuxResources.Memory(resources.getMemoryLimitInBytes(), resources.getMemorySwapLimitInBytes()),
                new LinuxResources.Cpuset(resources.getCpusetCpus(), resources.getCpusetMems()),
                resources.getOomScoreAdj(),
                hugepages,
                resources.getUnifiedMap());
    }

    /** Rewrites resources as the brain has decided; fields that the brain does not know stay as they are. */
    public static LinuxContainerResources rewritten(LinuxContainerResources original, LinuxResources decided) {
        LinuxContainerResources.Builder rewritten = original.toBuilder()
                .setCpuPeriod(decided.cpuPeriodMicros())
                .setCpuQuota(decided.cpuQuotaMicros())
                .setCpuShares(decided.cpuShares())
                .setMemoryLimitInBytes(decided.memoryLimitBytes())
                .setMemorySwapLimitInBytes(decided.memorySwapLimitBytes())
                .setOomScoreAdj(decided.oomScoreAdj())
                .setCpusetCpus(decided.cpusetCpus())
                .setCpusetMems(decided.cpusetMems());
        LinuxResources before = resources(original);
        if (!before.hugepageLimits().equals(decided.hugepageLimits())) {
            rewritten.clearHugepageLimits();
            new TreeMap<>(decided.hugepageLimits())
                    .forEach((size, limit) -> rewritten.addHugepageLimits(
                            HugepageLimit.newBuilder().setPageSize(size).setLimit(limit)));
        }
        if (!before.unified().equals(decided.unified())) {
            rewritten.clearUnified().putAllUnified(new TreeMap<>(decided.unified()));
        }
        return rewritten.build();
    }
}
