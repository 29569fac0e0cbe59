package io.podslice.nri;

import io.podslice.managers.pod.LinuxResources;
import io.podslice.node.ContainerRequest;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.RuntimeContents;
import io.podslice.proto.nri.v1alpha1.Container;
import io.podslice.proto.nri.v1alpha1.HugepageLimit;
import io.podslice.proto.nri.v1alpha1.LinuxCPU;
import io.podslice.proto.nri.v1alpha1.PodSandbox;
import java.util.LinkedHashMap;
import java.util.Map;

/** Translates NRI's messages to the brain's requests. */
final class NriRecords {
    private NriRecords() {}

    /** Returns the request for a sandbox, without its attempt, which NRI does not tell. */
    static PodSandboxRequest sandbox(PodSandbox pod) {
        return new PodSandboxRequest(
                pod.getUid(),
                pod.getNamespace(),
                pod.getName(),
                0,
                pod.getLinux().getCgroupParent(),
                pod.getLabelsMap(),
                pod.getAnnotationsMap(),
                resources(pod.getLinux().getPodResources()),
                resources(pod.getLinux().getPodOverhead()));
    }

    static ContainerRequest container(PodSandbox pod, Container container) {
        return new ContainerRequest(
                pod.getId(),
                sandbox(pod),
                container.getName(),
                0,
                container.getLabelsMap(),
                container.getAnnotationsMap(),
                resources(container.getLinux().getResources()));
    }

    /** Returns a container that is created or runs; NRI tells of no others. */
    static RuntimeContents.Container running(Container container) {
        return new RuntimeContents.Container(
                container.getId(),
                container.getPodSandboxId(),
                container.getName(),
                true,
                0,
                resources(container.getLinux().getResources()));
    }

    /** Returns the resources without the OOM score, which NRI keeps elsewhere and podslice does not change. */
    static LinuxResources resources(io.podslice.proto.nri.v1alpha1.LinuxResources resources) {
        Map<String, Long> hugepages = new LinkedHashMap<>();
        for (HugepageLimit limit : resources.getHugepageLimitsList()) {
            hugepages.put(limit.getPageSize(), limit.getLimit());
        }
        LinuxCPU cpu = resources.getCpu();
        return new LinuxResources(
                new LinuxResources.Cpu(
                        cpu.getPeriod().getValue(),
                        cpu.getQuota().getValue(),
                        cpu.getShares().getValue()),
                new LinuxResources.Memory(
                        resources.getMemory().getLimit().getValue(),
                        resources.getMemory().getSwap().getValue()),
                new LinuxResources.Cpuset(cpu.getCpus(), cpu.getMems()),
                0,
                hugepages,
                resources.getUnifiedMap());
    }
}
