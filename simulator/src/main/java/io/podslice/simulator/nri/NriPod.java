package io.podslice.simulator.nri;

import io.podslice.cgroups.CgroupPath;
import io.podslice.proto.nri.v1alpha1.Container;
import io.podslice.proto.nri.v1alpha1.LinuxCPU;
import io.podslice.proto.nri.v1alpha1.LinuxContainer;
import io.podslice.proto.nri.v1alpha1.LinuxMemory;
import io.podslice.proto.nri.v1alpha1.LinuxPodSandbox;
import io.podslice.proto.nri.v1alpha1.LinuxResources;
import io.podslice.proto.nri.v1alpha1.OptionalInt64;
import io.podslice.proto.nri.v1alpha1.OptionalUInt64;
import io.podslice.proto.nri.v1alpha1.PodSandbox;
import java.util.List;

/**
 * A pod as the runtime describes it in NRI messages, with the annotation from which podslice reads its spec.
 *
 * @param containers {@code app} and {@code log}
 * @param cgroup the pod's cgroup, which its runtime or kubelet makes
 */
public record NriPod(PodSandbox sandbox, List<Container> containers, CgroupPath cgroup) {
    private static final CgroupPath KUBEPODS = new CgroupPath("/kubepods");

    /** The kind of resources that a pod asks for. */
    public enum Kind {
        /** A Burstable pod. */
        SHARED("in the node shared pool"),

        /** A Guaranteed pod; container {@code app} has two of its CPUs exclusively, {@code log} runs on the others. */
        PINNED("4 CPUs of its own, 2 of one container");

        private final String text;

        Kind(String text) {
            this.text = text;
        }

        /** Returns the kind in words, as reports print it. */
        public String text() {
            return text;
        }
    }

    /** Returns a pod of that name; each id begins with the kind of thing it names. */
    public static NriPod of(String name, Kind kind) {
        CgroupPath parent = kind == Kind.PINNED ? KUBEPODS : KUBEPODS.child("burstable");
        CgroupPath cgroup = parent.child("pod" + name);
        PodSandbox sandbox = PodSandbox.newBuilder()
                .setId("sandbox-" + name)
                .setName(name)
                .setUid("uid-" + name)
                .setNamespace("default")
                .putAnnotations("podslice.io/pod-spec", spec(kind))
                .setLinux(LinuxPodSandbox.newBuilder().setCgroupParent(cgroup.value()))
                .build();
        return new NriPod(sandbox, List.of(container(sandbox, name, "app"), container(sandbox, name, "log")), cgroup);
    }

    private static String spec(Kind kind) {
        String app = "";
        String requests = "{\"cpu\": \"100m\", \"memory\": \"256Mi\"}";
        String limits = "{\"cpu\": \"1\", \"memory\": \"256Mi\"}";
        if (kind == Kind.PINNED) {
            String own = "{\"cpu\": \"2\", \"memory\": \"256Mi\"}";
            app = ", \"resources\": {\"requests\": " + own + ", \"limits\": " + own + "}";
            limits = "{\"cpu\": \"4\", \"memory\": \"1Gi\"}";
            requests = limits;
        }
        return "{\"resources\": {\"requests\": " + requests + ", \"limits\": " + limits
                + "}, \"containers\": [{\"name\": \"app\"" + app + "}, {\"name\": \"log\", \"kind\": \"sidecar\"}]}";
    }

    private static Container container(PodSandbox sandbox, String pod, String name) {
        return Container.newBuilder()
                .setId(name + "-" + pod)
                .setPodSandboxId(sandbox.getId())
                .setName(name)
                .setLinux(LinuxContainer.newBuilder()
                        .setResources(LinuxResources.newBuilder()
                                .setCpu(LinuxCPU.newBuilder()
                                        .setShares(OptionalUInt64.newBuilder().setValue(1024))
                                        .setQuota(OptionalInt64.newBuilder().setValue(100_000))
                                        .setPeriod(OptionalUInt64.newBuilder().setValue(100_000)))
                                .setMemory(LinuxMemory.newBuilder()
                                        .setLimit(OptionalInt64.newBuilder().setValue(256 << 20)))))
                .build();
    }
}
