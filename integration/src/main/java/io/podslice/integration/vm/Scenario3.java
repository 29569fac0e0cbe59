package io.podslice.integration.vm;

import static java.util.Objects.requireNonNull;

import io.grpc.StatusRuntimeException;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/**
 * The kubelet's resizes, with its own writes to the pod's cgroup between its calls: CPU and memory, up and down, of a
 * pod with exclusive CPUs and of one without; memory below its use, with and without page cache to reclaim; and a
 * podslice that is killed in the middle; with partitions.
 */
public final class Scenario3 {
    private static final int MOST_TRIES = 30;
    private static final CgroupPath KUBEPODS = CgroupNames.here().path("/kubepods");
    private static final String IMAGE = "registry.k8s.io/pause:3.10";
    private static final Path PID = Path.of("/run/podslice.pid");
    private static final long MI = 1L << 20;
    private static final String MAX = "max";

    private final Findings findings;
    private final CriClient cri;
    private final KubeletDriver kubelet;

    private Scenario3(Findings findings, CriClient cri) {
        this.findings = findings;
        this.cri = cri;
        this.kubelet = new KubeletDriver(
                cri,
                CgroupNames.here().kubeletsFiles(),
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
            new Scenario3(findings, cri).run();
        }
        System.exit(findings.allHold() ? 0 : 1);
    }

    private void run() throws Exception {
        kubelet.prepareNode();
        RunningPod pinned = pinned();
        RunningPod shared = shared();
        shared = memoryInUse(shared);
        shared = killed(shared, pinned);
        remove(shared);
        remove(pinned);
        findings.equal("the partition's CPUs are back", Linux.online(), Linux.inNoPartition());
    }

    // ---- Pods

    private static Wants wants(long milli, long mebibytes) {
        return Wants.guaranteed(new Amounts(milli, mebibytes * MI));
    }

    private static PodManifest pod(String name, Wants budget, Wants first) {
        List<ContainerManifest> containers = List.of(
                new ContainerManifest("first", ContainerManifest.Kind.APP, IMAGE, first),
                new ContainerManifest("second", ContainerManifest.Kind.APP, IMAGE, Wants.NONE));
        String uid = "b0d6e700-0000-4000-8000-00000000003" + (name.equals("pinned") ? "1" : "2");
        return new PodManifest(name, "default", uid, budget, containers, Map.of());
    }

    private RunningPod run(PodManifest pod) throws IOException {
        for (ContainerManifest container : pod.containers()) {
            Files.createDirectories(Path.of("/var/log/pods/default_" + pod.name() + "_" + pod.uid(), container.name()));
        }
        return kubelet.run(PodSpecAnnotation.on(pod));
    }

    private String cgroup(RunningPod pod) {
        return kubelet.cgroup(pod.manifest()).value();
    }

    private String cgroup(RunningPod pod, String container) {
        return CgroupNames.here().container(cgroup(pod), pod.containerId(container));
    }

    private CpuSet allowed(RunningPod pod, String container) {
        return Linux.allowed(Linux.processes(cgroup(pod, container)).getFirst());
    }

    private void remove(RunningPod pod) {
        kubelet.stop(pod);
        kubelet.remove(pod);
        findings.check("the cgroup of " + pod.manifest().name() + " is gone", !Linux.hasCgroup(cgroup(pod)), "");
    }

    private void file(String what, String cgroup, String file, Object expected) {
        findings.equal(what + ": " + file, expected.toString(), Linux.cgroup(cgroup, file));
    }

    // ---- With exclusive CPUs

    private RunningPod pinned() throws IOException {
        RunningPod pod = run(pod("pinned", wants(4000, 512), wants(2000, 128)));
        CpuSet first = allowed(pod, "first");
        CpuSet second = allowed(pod, "second");
        partition("started", pod, first);

        pod = kubelet.resize(pod, pod("pinned", wants(6000, 768), wants(3000, 192)));
        CpuSet grown = allowed(pod, "first");
        CpuSet pool = allowed(pod, "second");
        findings.check(
                "grown: first has three CPUs, with its two", grown.size() == 3 && grown.containsAll(first), grown);
        findings.check("grown: second has the other three", pool.size() == 3 && !pool.intersects(grown), pool);
        partition("grown", pod, grown);
        file("grown", cgroup(pod), "cpu.max", "600000 100000");
        file("grown", cgroup(pod), "memory.max", 768 * MI);
        file("grown, first", cgroup(pod, "first"), "cpu.max", "max 100000");
        file("grown, first", cgroup(pod, "first"), "memory.max", 192 * MI);
        file("grown, second", cgroup(pod, "second"), "cpu.max", "600000 100000");
        file("grown, second", cgroup(pod, "second"), "memory.max", 768 * MI);
        findings.equal(
                "grown: all other pods keep off its six CPUs",
                Linux.online().minus(grown.union(pool)).toString(),
                Linux.cgroup(CgroupNames.here().directory("/kubepods/burstable"), "cpuset.cpus.effective"));

        pod = kubelet.resize(pod, pod("pinned", wants(4000, 512), wants(2000, 128)));
        findings.equal("shrunk: first has the CPUs of its admission", first, allowed(pod, "first"));
        findings.equal("shrunk: second too", second, allowed(pod, "second"));
        partition("shrunk", pod, first);
        file("shrunk", cgroup(pod), "cpu.max", "400000 100000");
        file("shrunk", cgroup(pod), "memory.max", 512 * MI);
        file("shrunk, first", cgroup(pod, "first"), "memory.max", 128 * MI);
        file("shrunk, second", cgroup(pod, "second"), "cpu.max", "400000 100000");
        return pod;
    }

    private void partition(String when, RunningPod pod, CpuSet cpus) {
        findings.equal(when + ": first is a partition", "root", Linux.partition(cgroup(pod, "first")));
        findings.equal(when + ": all else is off its CPUs", Linux.online().minus(cpus), Linux.inNoPartition());
    }

    // ---- Without exclusive CPUs

    private RunningPod shared() throws IOException {
        RunningPod pod = run(pod("shared", wants(1500, 256), wants(500, 32)));
        pod = kubelet.resize(pod, pod("shared", wants(2500, 384), wants(750, 48)));
        sized("grown", pod, 2500, 384, 750, 48);
        pod = kubelet.resize(pod, pod("shared", wants(1200, 300), wants(250, 24)));
        sized("shrunk", pod, 1200, 300, 250, 24);
        return pod;
    }

    private void sized(String when, RunningPod pod, long cpu, long memory, long ofFirst, long memoryOfFirst) {
        file("shared, " + when, cgroup(pod), "cpu.max", cpu * 100 + " 100000");
        file("shared, " + when, cgroup(pod), "memory.max", memory * MI);
        file("shared, " + when, cgroup(pod), "memory.high", MAX);
        file("shared, " + when + ", first", cgroup(pod, "first"), "cpu.max", ofFirst * 100 + " 100000");
        file("shared, " + when + ", first", cgroup(pod, "first"), "memory.max", memoryOfFirst * MI);
        file("shared, " + when + ", second", cgroup(pod, "second"), "cpu.max", cpu * 100 + " 100000");
        file("shared, " + when + ", second", cgroup(pod, "second"), "memory.max", memory * MI);
        file("shared, " + when + ", second", cgroup(pod, "second"), "memory.high", MAX);
    }

    // ---- Memory in use

    private RunningPod memoryInUse(RunningPod before) throws Exception {
        Process user = use(cgroup(before, "second"), "dd if=/dev/zero bs=160M count=1 2>/dev/null | sleep 1000000");
        await("160 MiB are in use", () -> used(before) > 160 * MI);
        refused("the pod", () -> cri.runtime().updatePodSandboxResources(Requests.podMemory(before, 128 * MI)));
        refused("a container", () -> {
            var _ = kubelet.resize(before, pod("shared", wants(1200, 128), wants(250, 24)));
        });
        sized("refused", before, 1200, 300, 250, 24);
        alive("refused", before, user);
        end(user);

        Process reader = readDisks(cgroup(before, "second"), 12);
        await("page cache is in use", () -> used(before) > 150 * MI, () -> inUse(before, reader));
        RunningPod shrunk = resizedInTheEnd(before, pod("shared", wants(1200, 100), wants(250, 24)));
        sized("page cache reclaimed", shrunk, 1200, 100, 250, 24);
        findings.check("less is in use", used(shrunk) < 100 * MI, used(shrunk));
        alive("page cache reclaimed", shrunk, reader);
        end(reader);
        return shrunk;
    }

    /**
     * Resizes as often as podslice says Deferred, for a while, as the kubelet does: a busy machine may need more time to
     * reclaim the memory than one call has.
     */
    private RunningPod resizedInTheEnd(RunningPod before, PodManifest desired) throws InterruptedException {
        for (int tries = 1; ; tries++) {
            try {
                return kubelet.resize(before, desired);
            } catch (StatusRuntimeException e) {
                if (tries == MOST_TRIES
                        || !String.valueOf(e.getStatus().getDescription()).startsWith("Deferred: ")) {
                    throw e;
                }
            }
            Thread.sleep(1_000);
        }
    }

    private void refused(String whose, Runnable resize) {
        try {
            resize.run();
            findings.check("memory below what is used is refused to " + whose, false, "not refused");
        } catch (StatusRuntimeException e) {
            String text = String.valueOf(e.getStatus().getDescription());
            findings.check(
                    "memory below what is used is refused to " + whose,
                    text.contains("cannot decrease memory limits: ") && text.contains("below current usage ("),
                    text);
        }
    }

    private long used(RunningPod pod) {
        return Long.parseLong(Linux.cgroup(cgroup(pod, "second"), "memory.current"));
    }

    private void alive(String when, RunningPod pod, Process user) {
        findings.check(when + ": the process that uses the memory lives", user.isAlive(), user.info());
        String events = Linux.cgroup(cgroup(pod), "memory.events");
        findings.check(when + ": no process was killed", events.contains("oom_kill 0"), events.replace('\n', ','));
    }

    /** Starts a shell that uses memory in a cgroup. */
    private static Process use(String cgroup, String command) throws IOException {
        return new ProcessBuilder("/bin/sh", "-c", "echo $$ >/sys/fs/cgroup" + cgroup + "/cgroup.procs; " + command)
                .redirectErrorStream(true)
                .start();
    }

    /**
     * Reads a number of RAM disks of 16 MiB into the cgroup's page cache. They are opened outside, since runc lets no
     * process in a container open devices, and stay open, since the kernel drops the page cache of a disk once it is
     * closed.
     */
    private static Process readDisks(String cgroup, int disks) throws IOException {
        StringBuilder commands = new StringBuilder();
        for (int disk = 0; disk < disks; disk++) {
            commands.append("sh -c 'echo $$ >/sys/fs/cgroup")
                    .append(cgroup)
                    .append("/cgroup.procs; dd of=/dev/null bs=1M 2>/dev/null; sleep 1000000' </dev/ram")
                    .append(disk)
                    .append(" & ");
        }
        return new ProcessBuilder("/bin/sh", "-c", commands + "wait")
                .redirectErrorStream(true)
                .start();
    }

    private static void end(Process shell) throws InterruptedException {
        shell.descendants().forEach(ProcessHandle::destroyForcibly);
        shell.destroyForcibly();
        shell.waitFor();
    }

    // ---- Killed in the middle

    private RunningPod killed(RunningPod pod, RunningPod pinned) throws Exception {
        CpuSet first = allowed(pinned, "first");
        await("nothing is in use any more", () -> used(pod) < 10 * MI);
        Process user = use(cgroup(pod, "second"), "dd if=/dev/zero bs=70M count=1 2>/dev/null | sleep 1000000");
        await("70 MiB are in use", () -> used(pod) > 70 * MI);
        // memory.high is lowered for one second only, which an emulated CPU may miss: the resize is then asked for
        // again.
        AtomicReference<CompletableFuture<Void>> resize = new AtomicReference<>(shrinking(pod));
        await("the resize has lowered memory.high", () -> {
            if (requireNonNull(resize.get()).isDone()) {
                resize.set(shrinking(pod));
            }
            return !Linux.cgroup(cgroup(pod), "memory.high").equals(MAX);
        });
        kill();
        findings.check(
                "the client is told that podslice went",
                requireNonNull(resize.get()).handle((done, e) -> e != null).get(),
                resize);
        Requests.awaitServed(cri);
        // podslice listens first, opens its brain after that, and puts back one file after the other.
        await(
                "memory.high is put back",
                () -> Linux.cgroup(cgroup(pod), "memory.high").equals(MAX)
                        && Linux.cgroup(cgroup(pod, "second"), "memory.high").equals(MAX));

        sized("killed", pod, 1200, 100, 250, 24);
        alive("killed", pod, user);
        findings.equal("killed: the pinned pod keeps its CPUs", first, allowed(pinned, "first"));
        partition("killed", pinned, first);
        end(user);
        RunningPod after = kubelet.resize(pod, pod("shared", wants(1200, 60), wants(250, 24)));
        sized("resized after that", after, 1200, 60, 250, 24);
        return after;
    }

    private CompletableFuture<Void> shrinking(RunningPod pod) {
        return CompletableFuture.runAsync(() -> {
            var _ = cri.runtime().updatePodSandboxResources(Requests.podMemory(pod, 50 * MI));
        });
    }

    private static void kill() throws IOException, InterruptedException {
        ProcessHandle podslice =
                ProcessHandle.of(Long.parseLong(Files.readString(PID).strip())).orElseThrow();
        podslice.destroyForcibly();
        while (podslice.isAlive()) {
            Thread.sleep(10);
        }
    }

    private static String text(String cgroup, String file) {
        return file + " " + Linux.cgroup(cgroup, file).replace('\n', ',') + "; ";
    }

    /** Returns the memory in use by process, and the files that limit it, for the message of a failure. */
    private String inUse(RunningPod pod, Process user) {
        String second = cgroup(pod, "second");
        return text(second, "memory.current")
                + text(second, "memory.high")
                + text(second, "memory.max")
                + text(cgroup(pod), "memory.high")
                + text(cgroup(pod), "memory.max")
                + text(second, "cgroup.procs")
                + text(second, "memory.stat")
                + user.info();
    }

    /** Waits until a condition holds. */
    private void await(String what, Look look) throws InterruptedException {
        await(what, look, () -> "");
    }

    private void await(String what, Look look, Supplier<String> detail) throws InterruptedException {
        long end = System.nanoTime() + Patience.OF_A_STEP.toNanos();
        while (!look.holds()) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException(
                        "not so in " + Patience.OF_A_STEP.toMinutes() + " minutes: " + what + ": " + detail.get());
            }
            Thread.sleep(5);
        }
        findings.check(what, true, "");
    }

    private interface Look {
        boolean holds();
    }
}
