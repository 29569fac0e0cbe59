package io.podslice.integration.bench;

import io.podslice.cgroups.CgroupPath;
import io.podslice.managers.pod.CpuUnits;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.node.PodSandboxRequest;
import io.podslice.simulator.kubelet.Amounts;
import io.podslice.simulator.kubelet.ContainerManifest;
import io.podslice.simulator.kubelet.ContainerManifest.Kind;
import io.podslice.simulator.kubelet.PodManifest;
import io.podslice.simulator.kubelet.Wants;
import java.util.List;
import java.util.Map;

/**
 * Pods of two containers with pod-level resources, as the cluster has them and as they come by CRI: of 4 CPUs, 2 of them for
 * the first container alone, or of one CPU at most, in the node shared pool.
 */
final class SourcePods {
    private static final CgroupPath KUBEPODS = new CgroupPath("/kubepods");
    private static final long PERIOD = 100_000;
    private static final long GI = 1L << 30;

    private final boolean annotated;

    /** @param annotated true if a pod's annotation has its spec */
    SourcePods(boolean annotated) {
        this.annotated = annotated;
    }

    String uid(String name) {
        return "uid-" + name;
    }

    CgroupPath cgroup(String name, boolean hasCpus) {
        return (hasCpus ? KUBEPODS : KUBEPODS.child("burstable")).child("pod" + uid(name));
    }

    PodManifest manifest(String name, boolean hasCpus) {
        Wants pod =
                hasCpus ? Wants.guaranteed(Amounts.of(4, 4)) : new Wants(new Amounts(100, GI), new Amounts(1_000, GI));
        Wants app = hasCpus ? Wants.guaranteed(Amounts.of(2, 1)) : Wants.NONE;
        return new PodManifest(
                name,
                "default",
                uid(name),
                pod,
                List.of(
                        new ContainerManifest("log", Kind.SIDECAR, "busybox", Wants.NONE),
                        new ContainerManifest("app", Kind.APP, "busybox", app)),
                Map.of());
    }

    PodSandboxRequest sandbox(String name, boolean hasCpus) {
        PodManifest pod = manifest(name, hasCpus);
        Amounts requests = pod.wants().requests();
        Amounts limits = pod.wants().limits();
        return new PodSandboxRequest(
                pod.uid(),
                pod.namespace(),
                name,
                0,
                cgroup(name, hasCpus).value(),
                Map.of(),
                annotated ? Map.of("podslice.io/pod-spec", spec(hasCpus)) : Map.of(),
                LinuxResources.NONE
                        .withCpuShares(CpuUnits.sharesOf(requests.cpuMillis()))
                        .withCpuQuota(CpuUnits.quotaOf(limits.cpuMillis(), PERIOD), PERIOD)
                        .withMemoryLimit(limits.memoryBytes()),
                LinuxResources.NONE);
    }

    private static String spec(boolean hasCpus) {
        String app = "{\"cpu\": \"2\", \"memory\": \"1Gi\"}";
        String pod = hasCpus
                ? "{\"requests\": {\"cpu\": \"4\", \"memory\": \"4Gi\"}, \"limits\": {\"cpu\": \"4\", \"memory\": \"4Gi\"}}"
                : "{\"requests\": {\"cpu\": \"100m\", \"memory\": \"1Gi\"}, \"limits\": {\"cpu\": \"1\", \"memory\":"
                        + " \"1Gi\"}}";
        return "{\"resources\": " + pod
                + ", \"containers\": [{\"name\": \"log\", \"kind\": \"sidecar\"}, {\"name\": \"app\""
                + (hasCpus ? ", \"resources\": {\"requests\": " + app + ", \"limits\": " + app + "}" : "") + "}]}";
    }
}
