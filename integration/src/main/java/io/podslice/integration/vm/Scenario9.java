package io.podslice.integration.vm;

import io.grpc.StatusRuntimeException;
import io.podslice.cgroups.CpuSet;
import io.podslice.proto.cri.v1.VersionRequest;
import io.podslice.simulator.cri.CriClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * README's account of a node with the systemd driver, step by step: podslice installed and started as a service, a pod,
 * a reload and a restart of the service while it runs, and all of it undone.
 */
public final class Scenario9 {
    private static final Path DROP_INS = Path.of("/etc/systemd/system/kubepods-.slice.d");
    private static final Path DROP_IN = DROP_INS.resolve("10-podslice.conf");
    private static final Path CONFIGURATION = Path.of("/etc/podslice/podslice.yaml");
    private static final String PODSLICE = "/opt/podslice/bin/podslice";
    private static final int STATUS_TRIES = 300;
    /** Calls one after the other would leave an emulated CPU no time for the start. */
    private static final Duration PAUSE = Duration.ofMillis(200);

    private static final String BURSTABLE = CgroupNames.here().directory("/kubepods/burstable");

    private final Findings findings;
    private final Path socket;
    private final Path files;

    private Scenario9(Findings findings, Path socket, Path files) {
        this.findings = findings;
        this.socket = socket;
        this.files = files;
    }

    /**
     * Runs the scenario.
     *
     * @param args the shim's socket, the folder of crictl's files, the file for the findings
     */
    public static void main(String[] args) throws Exception {
        Findings findings = new Findings(Path.of(args[2]));
        new Scenario9(findings, Path.of(args[0]), Path.of(args[1])).run();
        System.exit(findings.allHold() ? 0 : 1);
    }

    private void run() throws IOException, InterruptedException {
        install();
        try (CriClient cri = Podslice.connect(socket)) {
            CpuSet online = Linux.online();
            Pod burstable = Pod.run(cri, files.resolve("burstable-pod"), List.of("worker"));
            Pod pod = Pod.run(cri, files.resolve("budget-pod"), List.of("pinned", "logger", "metrics"));
            CpuSet pinned = pod.allowed("pinned");
            CpuSet rest = online.minus(pinned).minus(pod.allowed("logger"));
            values("a pod", pod, burstable, pinned, rest);
            findings.check(
                    "systemd knows the pod's quota",
                    show(pod.cgroup(), "CPUQuotaPerSecUSec").equals("4s"),
                    pod.cgroup());
            findings.equal(
                    "systemd knows the CPUs of the Burstable class",
                    rest,
                    CpuSet.parse(show(BURSTABLE, "AllowedCPUs").replace(' ', ',')));
            var _ = Systemd.ctl("daemon-reload");
            values("a reload", pod, burstable, pinned, rest);
            restart(cri);
            configuration(cri);
            values("podslice's restart", pod, burstable, pinned, rest);
            pod.remove();
            findings.equal("the Burstable pod may run everywhere again", online, burstable.allowed("worker"));
            burstable.remove();
        }
        undo();
    }

    private void install() throws IOException {
        var _ = Systemd.run(List.of("systemd/install", "image"));
        findings.check(
                "the drop-in names all CPUs",
                Files.readString(DROP_IN)
                        .contains("AllowedCPUs=0-" + (Linux.online().size() - 1)),
                Files.readString(DROP_IN));
        // An emulated CPU needs more than a decision's usual time.
        Files.writeString(
                CONFIGURATION, Files.readString(CONFIGURATION).replaceAll("(?m)^( +decisionBudget:).*$", "$1 2m"));
        findings.check(
                "the configuration is accepted",
                true,
                Systemd.run(List.of(PODSLICE, "config", "check", CONFIGURATION.toString()))
                        .strip());
        var _ = Systemd.ctl("enable", "--now", "podslice");
        findings.equal(
                "the service is up",
                "active",
                Systemd.ctl("is-active", "podslice").strip());
        findings.equal(
                "systemd listens for it",
                "active",
                Systemd.ctl("is-active", "podslice.socket").strip());
        String status = Systemd.run(List.of(PODSLICE, "status"));
        findings.check(
                "the status names the driver, systemd's version and the root of all pods",
                status.matches("(?s).*systemd 2\\d\\d, /kubepods\\.slice.*"),
                status);
    }

    /** A call that is made while no podslice runs waits in the backlog of the socket that systemd holds. */
    private void restart(CriClient cri) throws InterruptedException {
        List<String> failed = new CopyOnWriteArrayList<>();
        AtomicInteger made = new AtomicInteger();
        AtomicBoolean over = new AtomicBoolean();
        Thread caller = Thread.ofPlatform().start(() -> {
            while (!over.get()) {
                try {
                    var _ = cri.runtime().version(VersionRequest.getDefaultInstance());
                } catch (StatusRuntimeException e) {
                    failed.add(e.getStatus().toString());
                }
                made.incrementAndGet();
                LockSupport.parkNanos(PAUSE.toNanos());
            }
        });
        try {
            var _ = Systemd.ctl("restart", "podslice");
        } finally {
            over.set(true);
            caller.join();
        }
        findings.check(
                "no call fails while the service restarts", failed.isEmpty() && made.get() > 0, made + " " + failed);
        Requests.awaitServed(cri);
    }

    /** A wrong file fails its reload, and neither a reload nor a restart with it takes podslice from the node. */
    private void configuration(CriClient cri) throws IOException, InterruptedException {
        String good = Files.readString(CONFIGURATION);
        Files.writeString(CONFIGURATION, good + "mistaken: 1\n");
        findings.check("a reload with a mistake in the file fails", reloadFails(), status());
        findings.check("podslice serves on", isServing(cri), status());
        var _ = Systemd.ctl("restart", "podslice");
        findings.check("podslice serves after a restart with it", isServing(cri), status());
        awaitStatus("configuration: the last good one; not taken: " + CONFIGURATION + ":");
        Files.writeString(CONFIGURATION, good.replaceFirst("exclusivePercent: 100", "exclusivePercent: 90"));
        var _ = Systemd.ctl("reload", "podslice");
        awaitStatus("configuration: " + CONFIGURATION);
        Files.writeString(CONFIGURATION, good);
    }

    private static boolean reloadFails() {
        try {
            var _ = Systemd.ctl("reload", "podslice");
            return false;
        } catch (IllegalStateException failed) {
            return true;
        }
    }

    private static boolean isServing(CriClient cri) throws InterruptedException {
        Requests.awaitServed(cri);
        return Systemd.ctl("is-active", "podslice").strip().equals("active");
    }

    private static String status() {
        return Systemd.ctl("show", "podslice", "--property=StatusText", "--value")
                .strip();
    }

    private void awaitStatus(String start) throws InterruptedException {
        for (int tried = 0; tried < STATUS_TRIES && !status().startsWith(start); tried++) {
            Thread.sleep(200);
        }
        findings.check("systemctl status says " + start, status().startsWith(start), status());
    }

    private void values(String after, Pod pod, Pod burstable, CpuSet pinned, CpuSet rest) {
        findings.equal("after " + after + " cpu.max", "400000 100000", Linux.cgroup(pod.cgroup(), "cpu.max"));
        findings.equal("after " + after + " memory.max", "1073741824", Linux.cgroup(pod.cgroup(), "memory.max"));
        findings.equal("after " + after + " pinned has its two CPUs", pinned, pod.allowed("pinned"));
        findings.check("after " + after + " they are two", pinned.size() == 2, pinned);
        findings.equal("after " + after + " the Burstable pod has all the others", rest, burstable.allowed("worker"));
    }

    private void undo() {
        var _ = Systemd.ctl("disable", "--now", "podslice.socket", "podslice.service");
        var _ = Systemd.run(List.of("systemd/slices", "--remove"));
        var _ = Systemd.run(List.of(
                "rm",
                "-r",
                "/opt/podslice",
                "/etc/podslice",
                "/etc/systemd/system/podslice.service",
                "/etc/systemd/system/podslice.socket",
                "/var/lib/podslice"));
        var _ = Systemd.ctl("daemon-reload");
        findings.check("the drop-in is gone, and its folder", !Files.exists(DROP_INS), DROP_INS);
        findings.check("the socket is gone", !Files.exists(socket), socket);
    }

    /** Returns a property of the unit of a cgroup, as systemctl shows it. */
    private static String show(String cgroup, String property) {
        String unit = cgroup.substring(cgroup.lastIndexOf('/') + 1);
        return Systemd.ctl("show", unit, "--property=" + property, "--value").strip();
    }
}
