package io.podslice.integration.vm;

import io.grpc.StatusRuntimeException;
import io.podslice.agent.api.NodeApiClient;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.KernelCgroupFiles;
import io.podslice.proto.cri.v1.ContainerStatusRequest;
import io.podslice.proto.cri.v1.LinuxContainerResources;
import io.podslice.proto.cri.v1.UpdatePodSandboxResourcesRequest;
import io.podslice.proto.v1.GetPodRequest;
import io.podslice.proto.v1.PodReference;
import io.podslice.proto.v1.ResizeOutcome;
import io.podslice.proto.v1.ResizePodRequest;
import io.podslice.proto.v1.Resources;
import io.podslice.simulator.cri.CriClient;
import io.podslice.simulator.kubelet.Amounts;
import io.podslice.simulator.kubelet.ContainerManifest;
import io.podslice.simulator.kubelet.KubeletDriver;
import io.podslice.simulator.kubelet.NodeSize;
import io.podslice.simulator.kubelet.PodCgroups;
import io.podslice.simulator.kubelet.PodManifest;
import io.podslice.simulator.kubelet.PodSpecAnnotation;
import io.podslice.simulator.kubelet.RunningPod;
import io.podslice.simulator.kubelet.Wants;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The kubelet's numbers after a resize: pods that nothing describes, containers and sandboxes that are made anew, a state
 * that is lost, containers that are created and not started, and limits that no action asks for.
 */
public final class Scenario6 {
    private static final CgroupPath KUBEPODS = new CgroupPath("/kubepods");
    private static final String IMAGE = "registry.k8s.io/pause:3.10";
    private static final Path PID = Path.of("/run/podslice.pid");
    private static final Path STATE = Path.of("/var/lib/podslice");
    private static final Path API = Path.of("/run/podslice/podslice.sock");
    private static final long MI = 1L << 20;

    private final Findings findings;
    private final CriClient cri;
    private final KernelCgroupFiles kernel = new KernelCgroupFiles(Path.of("/sys/fs/cgroup"));
    private final KubeletDriver kubelet;

    private Scenario6(Findings findings, CriClient cri) {
        this.findings = findings;
        this.cri = cri;
        this.kubelet = new KubeletDriver(
                cri,
                kernel,
                KUBEPODS,
                PodCgroups.BY_KUBELET,
                new NodeSize(Linux.online().size(), 4096 * MI, List.of("2MB")),
                (call, subject, what) -> {});
    }

    /**
     * Runs the scenario.
     *
     * @param args the shim's socket, the folder of crictl's files, the file for the findings
     */
    public static void main(String[] args) throws Exception {
        Findings findings = new Findings(Path.of(args[2]));
        try (CriClient cri = Podslice.connect(Path.of(args[0]))) {
            new Scenario6(findings, cri).run();
        }
        System.exit(findings.allHold() ? 0 : 1);
    }

    private void run() throws Exception {
        kubelet.prepareNode();
        RunningPod raised = run(annotated("raised", wants(500, 64), wants(250, 32)));
        Process user = raise(raised);
        undescribed();
        RunningPod database = made(resized());
        database = lost(restarted(database));
        remove(database);
        created();
        findings.equal(
                "raised: a sweep leaves the limit above what is used",
                Long.toString(128 * MI),
                Linux.cgroup(cgroup(raised), "memory.max"));
        alive("raised", raised, user);
        end(user);
        remove(raised);
    }

    // ---- Pods

    private static Wants wants(long milli, long mebibytes) {
        return Wants.guaranteed(new Amounts(milli, mebibytes * MI));
    }

    private static PodManifest pod(
            String name, Wants budget, Wants first, Wants second, Map<String, String> annotations) {
        List<ContainerManifest> containers = List.of(
                new ContainerManifest("first", ContainerManifest.Kind.APP, IMAGE, first),
                new ContainerManifest("second", ContainerManifest.Kind.APP, IMAGE, second));
        String uid = "b0d6e700-0000-4000-8000-0000000006" + String.format("%02d", name.length());
        return new PodManifest(name, "default", uid, budget, containers, annotations);
    }

    private static PodManifest annotated(String name, Wants budget, Wants first) {
        return PodSpecAnnotation.on(pod(name, budget, first, Wants.NONE, Map.of()));
    }

    /** Returns the pod with other values; its annotation stays what it was at its creation. */
    private static PodManifest with(RunningPod pod, Wants budget, Wants first) {
        PodManifest had = pod.manifest();
        return pod(had.name(), budget, first, had.container("second").wants(), had.annotations());
    }

    private RunningPod run(PodManifest pod) throws IOException {
        for (ContainerManifest container : pod.containers()) {
            Files.createDirectories(Path.of("/var/log/pods/default_" + pod.name() + "_" + pod.uid(), container.name()));
        }
        return kubelet.run(pod);
    }

    private String cgroup(RunningPod pod) {
        return kubelet.cgroup(pod.manifest()).value();
    }

    private String cgroup(RunningPod pod, String container) {
        return cgroup(pod) + "/" + pod.containerId(container);
    }

    private CpuSet allowed(RunningPod pod, String container) {
        return Linux.allowed(Linux.processes(cgroup(pod, container)).getFirst());
    }

    private void remove(RunningPod pod) {
        kubelet.stop(pod);
        kubelet.remove(pod);
    }

    private void has(String when, RunningPod pod, int first, int second, long mebibytes) {
        CpuSet ofFirst = allowed(pod, "first");
        CpuSet ofSecond = allowed(pod, "second");
        findings.check(when + ": first has " + first + " CPUs for itself", ofFirst.size() == first, ofFirst);
        findings.check(
                when + ": second has " + second + " others",
                ofSecond.size() == second && !ofSecond.intersects(ofFirst),
                ofSecond);
        findings.equal(
                when + ": all other pods keep off them",
                Linux.online().minus(ofFirst.union(ofSecond)).toString(),
                Linux.cgroup(KUBEPODS + "/burstable", "cpuset.cpus.effective"));
        findings.equal(when + ": memory.max", Long.toString(mebibytes * MI), Linux.cgroup(cgroup(pod), "memory.max"));
        findings.equal(when + ": cpu.max", (first + second) + "00000 100000", Linux.cgroup(cgroup(pod), "cpu.max"));
    }

    /** Checks what the kubelet reads back of a pinned container, and that no quota throttles it. */
    private void readBack(String when, RunningPod pod, int cpus) {
        LinuxContainerResources stored = cri.runtime()
                .containerStatus(ContainerStatusRequest.newBuilder()
                        .setContainerId(pod.containerId("first"))
                        .build())
                .getStatus()
                .getResources()
                .getLinux();
        findings.equal(
                when + ": the runtime shows first's quota as the kubelet set it",
                cpus * 100_000L,
                stored.getCpuQuota());
        findings.equal(when + ": and its cgroup has none", "max 100000", Linux.cgroup(cgroup(pod, "first"), "cpu.max"));
    }

    // ---- A pod that nothing describes

    private void undescribed() throws IOException {
        RunningPod pod = run(pod("plain", Wants.NONE, wants(1000, 64), wants(1000, 64), Map.of()));
        has("plain", pod, 1, 1, 128);
        pod = kubelet.resize(pod, with(pod, Wants.NONE, wants(2000, 96)));
        has("plain, grown", pod, 2, 1, 160);
        readBack("plain, grown", pod, 2);
        pod = kubelet.resize(pod, with(pod, Wants.NONE, wants(1000, 64)));
        has("plain, shrunk", pod, 1, 1, 128);
        refused(pod, with(pod, Wants.NONE, wants(12_000, 64)));
        has("plain, refused", pod, 1, 1, 128);
        remove(pod);
    }

    private void refused(RunningPod pod, PodManifest desired) {
        try {
            var _ = kubelet.resize(pod, desired);
            findings.check("plain: more than the node has is refused", false, "not refused");
        } catch (StatusRuntimeException e) {
            String text = String.valueOf(e.getStatus().getDescription());
            findings.check("plain: more than the node has is refused", text.contains("asked 13 CPUs"), text);
        }
    }

    // ---- Resized, then made anew

    private RunningPod resized() throws IOException {
        RunningPod pod = run(annotated("database", wants(3000, 256), wants(2000, 64)));
        has("database", pod, 2, 1, 256);
        readBack("database", pod, 2);
        pod = kubelet.resize(pod, with(pod, wants(4000, 384), wants(3000, 64)));
        has("database, grown", pod, 3, 1, 384);
        readBack("database, grown", pod, 3);
        return pod;
    }

    private RunningPod made(RunningPod before) {
        CpuSet first = allowed(before, "first");
        RunningPod pod = kubelet.sandboxAnew(before, 1);
        has("its sandbox is made anew", pod, 3, 1, 384);
        findings.equal("its sandbox is made anew: first has its CPUs", first, allowed(pod, "first"));
        return pod;
    }

    /** A resize that restarts a container; then another of its CPUs alone, while it uses more than it had before. */
    private RunningPod restarted(RunningPod before) throws Exception {
        RunningPod grown = kubelet.resize(before, with(before, wants(5000, 384), wants(3000, 64)));
        RunningPod pod = kubelet.containerAnew(grown, with(grown, wants(5000, 384), wants(4000, 128)), "first", 2);
        kubelet.start(pod, "first");
        has("restarted by a resize", pod, 4, 1, 384);
        readBack("restarted by a resize", pod, 4);
        Process user = use(cgroup(pod, "first"), 100);
        await("100 MiB are in use", () -> used(pod, "first") > 100 * MI);
        try (NodeApiClient api = new NodeApiClient(API)) {
            ResizeOutcome outcome = api.node(Patience.OF_A_STEP)
                    .resizePod(ResizePodRequest.newBuilder()
                            .setPod(named("database"))
                            .putContainers(
                                    "first",
                                    Resources.newBuilder()
                                            .putRequests("cpu", "3")
                                            .putLimits("cpu", "3")
                                            .build())
                            .build())
                    .getOutcome();
            findings.equal("its CPU alone is resized", ResizeOutcome.RESIZE_OUTCOME_DONE, outcome);
        }
        has("its CPU alone is resized", pod, 3, 2, 384);
        findings.equal(
                "its CPU alone is resized: first's memory.max",
                Long.toString(128 * MI),
                Linux.cgroup(cgroup(pod, "first"), "memory.max"));
        alive("its CPU alone is resized", pod, user);
        end(user);
        return pod;
    }

    /** podslice is killed and its state deleted; the next one has both doors. */
    private RunningPod lost(RunningPod pod) throws Exception {
        CpuSet first = allowed(pod, "first");
        CpuSet second = allowed(pod, "second");
        long process = Linux.processes(cgroup(pod, "first")).getFirst();
        deleteState();
        kill();
        deleteState();
        Requests.awaitServed(cri);
        await("the pod is taken in", () -> isKnown("database"));
        has("its state is lost", pod, 3, 2, 384);
        findings.equal("its state is lost: first has its CPUs", first, allowed(pod, "first"));
        findings.equal("its state is lost: second too", second, allowed(pod, "second"));
        findings.equal(
                "its state is lost: first's memory.max",
                Long.toString(128 * MI),
                Linux.cgroup(cgroup(pod, "first"), "memory.max"));
        findings.equal(
                "its state is lost: first runs on",
                process,
                Linux.processes(cgroup(pod, "first")).getFirst());
        return pod;
    }

    private static PodReference named(String name) {
        return PodReference.newBuilder().setNamespace("default").setName(name).build();
    }

    private static boolean isKnown(String name) {
        try (NodeApiClient api = new NodeApiClient(API)) {
            return api
                            .node(Patience.OF_A_STEP)
                            .getPod(GetPodRequest.newBuilder()
                                    .setPod(named(name))
                                    .build())
                            .getPod()
                            .getContainersList()
                            .stream()
                            .filter(container -> !container.getId().isEmpty())
                            .count()
                    == 2;
        } catch (StatusRuntimeException e) {
            return false;
        }
    }

    private static void deleteState() throws IOException {
        Files.deleteIfExists(STATE.resolve("state.json"));
        Files.deleteIfExists(STATE.resolve("journal"));
    }

    private static void kill() throws IOException, InterruptedException {
        ProcessHandle podslice =
                ProcessHandle.of(Long.parseLong(Files.readString(PID).strip())).orElseThrow();
        podslice.destroyForcibly();
        while (podslice.isAlive()) {
            Thread.sleep(10);
        }
    }

    // ---- Created and not started

    private void created() throws IOException {
        RunningPod pod = run(annotated("created", wants(4000, 128), wants(2000, 32)));
        pod = kubelet.containerAnew(pod, pod.manifest(), "second", 1);
        var _ = cri.runtime()
                .updatePodSandboxResources(UpdatePodSandboxResourcesRequest.newBuilder()
                        .setPodSandboxId(pod.sandboxId())
                        .setResources(LinuxContainerResources.newBuilder()
                                .setCpuPeriod(100_000)
                                .setCpuQuota(300_000)
                                .setCpuShares(3072))
                        .build());
        RunningPod other = run(annotated("other-pod", wants(4000, 128), wants(2000, 32)));
        CpuSet taken = allowed(other, "first").union(allowed(other, "second"));
        kubelet.start(pod, "second");
        CpuSet second = allowed(pod, "second");
        findings.check("created and not started: the other pod has four CPUs", taken.size() == 4, taken);
        findings.check(
                "created and not started: it starts on what its pod has then",
                second.size() == 1 && !second.intersects(taken),
                second);
        remove(other);
        remove(pod);
    }

    // ---- Memory

    /**
     * Raises the limits of a pod as another program would, and uses more than podslice's. podslice stands still meanwhile:
     * a sweep that came before the memory is in use would take the limits back.
     */
    private Process raise(RunningPod pod) throws Exception {
        signal("STOP");
        try {
            kernel.write(kubelet.cgroup(pod.manifest()), "memory.max", Long.toString(128 * MI));
            kernel.write(new CgroupPath(cgroup(pod, "second")), "memory.max", "max");
            Process user = use(cgroup(pod, "second"), 90);
            await("90 MiB are in use", () -> used(pod, "second") > 90 * MI);
            return user;
        } finally {
            signal("CONT");
        }
    }

    private static void signal(String name) throws IOException, InterruptedException {
        String command = "kill -" + name + " " + Files.readString(PID).strip();
        int status = new ProcessBuilder("/bin/sh", "-c", command).start().waitFor();
        if (status != 0) {
            throw new IllegalStateException(command + ": status " + status);
        }
    }

    private long used(RunningPod pod, String container) {
        return Long.parseLong(Linux.cgroup(cgroup(pod, container), "memory.current"));
    }

    private void alive(String when, RunningPod pod, Process user) {
        findings.check(when + ": the process that uses the memory lives", user.isAlive(), user.info());
        String events = Linux.cgroup(cgroup(pod), "memory.events");
        findings.check(when + ": no process was killed", events.contains("oom_kill 0"), events.replace('\n', ','));
    }

    /** Starts a shell that uses memory in a cgroup. */
    private static Process use(String cgroup, int mebibytes) throws IOException {
        String command = "echo $$ >/sys/fs/cgroup" + cgroup + "/cgroup.procs; dd if=/dev/zero bs=" + mebibytes
                + "M count=1 2>/dev/null | sleep 1000000";
        return new ProcessBuilder("/bin/sh", "-c", command)
                .redirectErrorStream(true)
                .start();
    }

    private static void end(Process shell) throws InterruptedException {
        shell.descendants().forEach(ProcessHandle::destroyForcibly);
        shell.destroyForcibly();
        shell.waitFor();
    }

    /** Waits until a condition holds. */
    private void await(String what, Look look) throws InterruptedException {
        long end = System.nanoTime() + Patience.OF_A_STEP.toNanos();
        while (!look.holds()) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("not so in " + Patience.OF_A_STEP.toMinutes() + " minutes: " + what);
            }
            Thread.sleep(50);
        }
        findings.check(what, true, "");
    }

    private interface Look {
        boolean holds();
    }
}
