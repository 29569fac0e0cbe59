package io.podslice.integration.vm;

import io.podslice.cgroups.CpuSet;
import io.podslice.simulator.cri.CriClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * README's account of a node with the systemd driver, step by step: podslice installed and started as a service, a pod,
 * a reload and a restart of the service while it runs, and all of it undone.
 */
public final class Scenario9 {
    private static final Path DROP_INS = Path.of("/etc/systemd/system/kubepods-.slice.d");
    private static final Path DROP_IN = DROP_INS.resolve("10-podslice.conf");
    private static final Path CONFIGURATION = Path.of("/etc/podslice/podslice.yaml");
    private static final String PODSLICE = "/opt/podslice/bin/podslice";
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
            var _ = Systemd.ctl("restart", "podslice");
            Requests.awaitServed(cri);
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
        String status = Systemd.run(List.of(PODSLICE, "status"));
        findings.check(
                "the status names the driver, systemd's version and the root of all pods",
                status.matches("(?s).*systemd 2\\d\\d, /kubepods\\.slice.*"),
                status);
    }

    private void values(String after, Pod pod, Pod burstable, CpuSet pinned, CpuSet rest) {
        findings.equal("after " + after + " cpu.max", "400000 100000", Linux.cgroup(pod.cgroup(), "cpu.max"));
        findings.equal("after " + after + " memory.max", "1073741824", Linux.cgroup(pod.cgroup(), "memory.max"));
        findings.equal("after " + after + " pinned has its two CPUs", pinned, pod.allowed("pinned"));
        findings.check("after " + after + " they are two", pinned.size() == 2, pinned);
        findings.equal("after " + after + " the Burstable pod has all the others", rest, burstable.allowed("worker"));
    }

    private void undo() {
        var _ = Systemd.ctl("disable", "--now", "podslice");
        var _ = Systemd.run(List.of("systemd/slices", "--remove"));
        var _ = Systemd.run(List.of(
                "rm",
                "-r",
                "/opt/podslice",
                "/etc/podslice",
                "/etc/systemd/system/podslice.service",
                "/var/lib/podslice"));
        findings.check("the drop-in is gone, and its folder", !Files.exists(DROP_INS), DROP_INS);
        findings.check("the socket is gone", !Files.exists(socket), socket);
    }

    /** Returns a property of the unit of a cgroup, as systemctl shows it. */
    private static String show(String cgroup, String property) {
        String unit = cgroup.substring(cgroup.lastIndexOf('/') + 1);
        return Systemd.ctl("show", unit, "--property=" + property, "--value").strip();
    }
}
