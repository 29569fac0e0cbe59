package io.podslice.integration.bench;

import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.node.Completion;
import io.podslice.node.ContainerRequest;
import io.podslice.node.NodeEvent;
import io.podslice.node.NodeRequest;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.RefusedException;
import io.podslice.node.Verdict;
import io.podslice.node.brain.NodeBrain;
import java.util.List;
import java.util.Map;

/** Fills a node with pods of two containers; one pod in twelve has exclusive CPUs, the others are Burstable. */
final class BenchPods {
    private static final int PINNED_IN = 12;
    private static final CgroupPath KUBEPODS = new CgroupPath("/kubepods");

    private final CgroupFiles files;
    private final NodeBrain brain;

    BenchPods(CgroupFiles files, NodeBrain brain) {
        this.files = files;
        this.brain = brain;
    }

    /** Makes the cgroups above the pods, and starts the given number of pods. */
    void start(int pods) {
        make(KUBEPODS);
        make(KUBEPODS.child("burstable"));
        make(KUBEPODS.child("besteffort"));
        for (int i = 0; i < pods; i++) {
            if (i % PINNED_IN == 0) {
                start("pinned-" + i, KUBEPODS, "4", "4Gi", "2");
            } else {
                start("burst-" + i, KUBEPODS.child("burstable"), "1", "1Gi", "");
            }
        }
    }

    private void make(CgroupPath path) {
        if (!files.exists(path)) {
            files.create(path);
        }
        files.write(path.parent().orElse(CgroupPath.ROOT), "cgroup.subtree_control", "+cpu +cpuset +memory");
    }

    /**
     * The cost of an admission.
     *
     * @param nanos from the call of RunPodSandbox to the verdict, without the time in the kernel's files and on the disk
     * @param looks calls that read those
     * @param writes calls that change them
     */
    record Admission(long nanos, int looks, int writes) {}

    /**
     * Plays the life of a pod's sandbox, beside those that stay.
     *
     * @param pinned true if it gets CPUs of its own
     * @param kernel the files that the brain uses
     * @param disk of its state
     */
    Admission comeAndGo(String pod, boolean pinned, TimedFiles kernel, TimedDisk disk) {
        CgroupPath parent = pinned ? KUBEPODS : KUBEPODS.child("burstable");
        PodSandboxRequest sandbox =
                pinned ? sandbox(pod, parent, "4", "4Gi", "2") : sandbox(pod, parent, "1", "1Gi", "");
        NodeRequest request = new NodeRequest.RunPodSandbox(sandbox);
        kernel.reset();
        disk.reset();
        long begun = System.nanoTime();
        Verdict verdict = brain.decide(request);
        long took = System.nanoTime() - begun - kernel.spentNanos() - disk.syncedNanos();
        Admission admission = new Admission(took, kernel.looks(), kernel.writes());
        CgroupPath cgroup = parent.child("pod" + pod);
        String id = "sandbox-" + pod;
        files.write(cgroup, "cgroup.subtree_control", "+cpu +cpuset +memory");
        files.create(cgroup.child(id));
        succeed(verdict, id);
        files.remove(cgroup.child(id));
        brain.happened(new NodeEvent.SandboxStopped(id));
        if (files.exists(cgroup)) {
            files.remove(cgroup);
        }
        brain.happened(new NodeEvent.SandboxRemoved(id));
        return admission;
    }

    private void start(String pod, CgroupPath parent, String cpu, String memory, String own) {
        PodSandboxRequest sandbox = sandbox(pod, parent, cpu, memory, own);
        Verdict verdict = brain.decide(new NodeRequest.RunPodSandbox(sandbox));
        CgroupPath cgroup = parent.child("pod" + pod);
        files.write(cgroup, "cgroup.subtree_control", "+cpu +cpuset +memory");
        files.create(cgroup.child("sandbox-" + pod));
        succeed(verdict, "sandbox-" + pod);
        for (String container : List.of("app", "log")) {
            ContainerRequest request = new ContainerRequest(
                    "sandbox-" + pod, sandbox, container, 0, Map.of(), Map.of(), LinuxResources.NONE);
            verdict = brain.decide(new NodeRequest.CreateContainer(request));
            files.create(cgroup.child(container + "-" + pod));
            succeed(verdict, container + "-" + pod);
        }
    }

    private static PodSandboxRequest sandbox(String pod, CgroupPath parent, String cpu, String memory, String own) {
        String amounts = "{\"cpu\": \"" + cpu + "\", \"memory\": \"" + memory + "\"}";
        String app = own.isEmpty()
                ? ""
                : ", \"resources\": {\"requests\": {\"cpu\": \"" + own + "\", \"memory\": \"1Gi\"}, \"limits\":"
                        + " {\"cpu\": \"" + own + "\", \"memory\": \"1Gi\"}}";
        // A pod that shares asks for a fraction of a CPU first, so that it gets no exclusive CPUs.
        String requests = own.isEmpty() ? "{\"cpu\": \"100m\", \"memory\": \"" + memory + "\"}" : amounts;
        return new PodSandboxRequest(
                "uid-" + pod,
                "default",
                pod,
                0,
                parent.child("pod" + pod).value(),
                Map.of(),
                Map.of(
                        "podslice.io/pod-spec",
                        "{\"resources\": {\"requests\": " + requests + ", \"limits\": " + amounts
                                + "}, \"containers\": [{\"name\": \"app\"" + app
                                + "}, {\"name\": \"log\", \"kind\": \"sidecar\"}]}"),
                LinuxResources.NONE,
                LinuxResources.NONE);
    }

    private static void succeed(Verdict verdict, String id) {
        if (!(verdict instanceof Verdict.Proceed(var _, Completion completion))) {
            throw new BenchException(id + ": " + verdict);
        }
        try {
            completion.succeeded(id);
        } catch (RefusedException e) {
            throw new BenchException(id + ": " + e.getMessage());
        }
    }
}
