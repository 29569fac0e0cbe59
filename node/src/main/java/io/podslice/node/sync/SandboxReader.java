package io.podslice.node.sync;

import io.podslice.cgroups.CgroupException;
import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import io.podslice.managers.pod.QosClass;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.Refusal;
import io.podslice.node.RuntimeContents;
import io.podslice.node.pods.PodIntake;
import java.util.ArrayList;
import java.util.List;

/** Reads the demands of a pod that runs already from its sandbox as the runtime has it. */
final class SandboxReader {
    private final CgroupPath kubepods;
    private final CgroupFiles files;
    private final PodIntake intake;

    /** @param kubepods the root cgroup of all pods */
    SandboxReader(CgroupPath kubepods, CgroupFiles files, PodIntake intake) {
        this.kubepods = kubepods;
        this.files = files;
        this.intake = intake;
    }

    /** Reads one sandbox; a failure of the kernel is that pod's alone, and leaves it as it is. */
    SandboxReading read(RuntimeContents.Sandbox sandbox) {
        try {
            PodSandboxRequest pod = withCgroup(sandbox);
            return new SandboxReading(pod, intake.readRunning(pod));
        } catch (CgroupException e) {
            Refusal refusal = new Refusal("PodsliceError", Refusal.Kind.INTERNAL, String.valueOf(e.getMessage()));
            return new SandboxReading(sandbox.pod(), new PodIntake.Intake.Refused(refusal));
        }
    }

    /**
     * Adds the pod's cgroup parent, which not every runtime reports: the kubelet names a pod's cgroup "pod" and its
     * uid, below that of its QoS class.
     */
    private PodSandboxRequest withCgroup(RuntimeContents.Sandbox sandbox) {
        PodSandboxRequest pod = sandbox.pod();
        if (!pod.cgroupParent().isEmpty() || pod.uid().isEmpty()) {
            return pod;
        }
        List<CgroupPath> parents = new ArrayList<>();
        parents.add(kubepods);
        for (String name : files.exists(kubepods) ? files.children(kubepods) : List.<String>of()) {
            if (QosClass.ofCgroup(name).isPresent()) {
                parents.add(kubepods.child(name));
            }
        }
        for (CgroupPath parent : parents) {
            CgroupPath path = parent.child("pod" + pod.uid());
            if (files.exists(path.child(sandbox.id()))) {
                return pod.in(path.value());
            }
        }
        return pod;
    }
}
