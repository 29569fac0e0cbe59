package io.podslice.integration.vm;

import io.grpc.StatusRuntimeException;
import io.podslice.cgroups.CpuSet;
import io.podslice.proto.cri.v1.VersionRequest;
import io.podslice.simulator.cri.CriClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * README's account of a node with systemd, and its cgroup driver or the other, step by step: podslice installed and started as a
 * service, a pod, a reload and a restart of the service while it runs, the watchdog, and all of it undone.
 */
public final class Scenario9 {
    private static final Path DROP_INS = Path.of("/etc/systemd/system/kubepods-.slice.d");
    private static final Path DROP_IN = DROP_INS.resolve("10-podslice.conf");
    private static final Path CONFIGURATION = Path.of("/etc/podslice/podslice.yaml");
    private static final String PODSLICE = "/opt/podslice/bin/podslice";
    private static final int STATUS_TRIES = 300;
    /** Calls one after the other would leave an emulated CPU no time for the start. */
    private static final Duration PAUSE = Duration.ofMillis(200);

    private static final Path UNIT_DROP_INS = Path.of("/etc/systemd/system/podslice.service.d");

    private static final CgroupNames NAMES = CgroupNames.here();
    private static final String BURSTABLE = NAMES.directory("/kubepods/burstable");

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
            if (NAMES == CgroupNames.SYSTEMD) {
                findings.check(
                        "systemd knows the pod's quota",
                        show(pod.cgroup(), "CPUQuotaPerSecUSec").equals("4s"),
                        pod.cgroup());
                findings.equal(
                        "systemd knows the CPUs of the Burstable class",
                        rest,
                        CpuSet.parse(show(BURSTABLE, "AllowedCPUs").replace(' ', ',')));
            }
            var _ = Systemd.ctl("daemon-reload");
            values("a reload", pod, burstable, pinned, rest);
            restart(cri);
            configuration(cri);
            values("podslice's restart", pod, burstable, pinned, rest);
            hang(cri);
            values("the watchdog", pod, burstable, pinned, rest);
            onlyRootReads();
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
                "the status names the driver, and the root of all pods",
                status.matches(
                        NAMES == CgroupNames.SYSTEMD
                                ? "(?s).*systemd 2\\d\\d, /kubepods\\.slice.*"
                                : "(?s).*cgroupfs, /kubepods\\b.*"),
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

    /** A podslice that hangs gives no sign of life, so systemd ends it and starts it again. */
    private void hang(CriClient cri) throws IOException, InterruptedException {
        Files.createDirectories(UNIT_DROP_INS);
        // As in the unit, but for the time, in which an emulated CPU must start a JVM too.
        Files.writeString(UNIT_DROP_INS.resolve("watchdog.conf"), "[Service]\nWatchdogSec=40s\n");
        var _ = Systemd.ctl("daemon-reload");
        var _ = Systemd.ctl("restart", "podslice");
        Requests.awaitServed(cri);
        int restarts = restarts();
        String hung = mainProcess();
        var _ = Systemd.run(List.of("kill", "-STOP", hung));
        for (int tried = 0; tried < STATUS_TRIES * 2 && restarts() == restarts; tried++) {
            Thread.sleep(500);
        }
        findings.equal("the watchdog has ended a podslice that hangs, once", restarts + 1, restarts());
        Requests.awaitServed(cri);
        findings.check("another process serves", !mainProcess().equals(hung), mainProcess());
        Files.delete(UNIT_DROP_INS.resolve("watchdog.conf"));
        Files.delete(UNIT_DROP_INS);
        var _ = Systemd.ctl("daemon-reload");
    }

    private static int restarts() {
        return Integer.parseInt(Systemd.ctl("show", "podslice", "--property=NRestarts", "--value")
                .strip());
    }

    private static String mainProcess() {
        return Systemd.ctl("show", "podslice", "--property=MainPID", "--value").strip();
    }

    /** Checks that others than root can read nothing that podslice keeps: it names the pods of all tenants. */
    private void onlyRootReads() throws IOException {
        List<String> open = new ArrayList<>();
        try (Stream<Path> files = Files.walk(Path.of("/var/lib/podslice"))) {
            for (Path file : files.toList()) {
                String mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
                if (!mode.endsWith("------")) {
                    open.add(file + " " + mode);
                }
            }
        }
        findings.check("nothing that podslice keeps can be read by others", open.isEmpty(), open);
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
