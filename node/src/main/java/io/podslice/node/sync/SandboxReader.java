package io.podslice.node.sync;

import io.podslice.cgroups.CgroupException;
import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.layout.CgroupLayout;
import io.podslice.managers.pod.QosCgroups;
import io.podslice.managers.pod.QosClass;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.Refusal;
import io.podslice.node.RuntimeContents;
import io.podslice.node.pods.PodIntake;
import java.util.Optional;

/** Reads the demands of a pod that runs already from its sandbox as the runtime has it. */
final class SandboxReader {
    private final CgroupLayout layout;
    private final CgroupFiles files;
    private final PodIntake intake;

    /** @param layout the places of the node's cgroups */
    SandboxReader(CgroupLayout layout, CgroupFiles files, PodIntake intake) {
        this.layout = layout;
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

    /** Adds the pod's cgroup parent, which not every runtime reports, by the kubelet's name for a pod's cgroup. */
    private PodSandboxRequest withCgroup(RuntimeContents.Sandbox sandbox) {
        PodSandboxRequest pod = sandbox.pod();
        if (!pod.cgroupParent().isEmpty() || pod.uid().isEmpty()) {
            return pod;
        }
        for (QosClass qos : QosClass.values()) {
            Optional<CgroupPath> path = layout.ofPod(new QosCgroups(layout).holding(qos), pod.uid())
                    .filter(its -> files.exists(CgroupLayout.containerOf(its, sandbox.id())));
            if (path.isPresent()) {
                return pod.in(path.get().value());
            }
        }
        return pod;
    }
}
