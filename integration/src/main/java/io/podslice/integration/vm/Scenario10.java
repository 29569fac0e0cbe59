package io.podslice.integration.vm;

import io.podslice.cgroups.CpuSet;
import io.podslice.simulator.cri.CriClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The Debian package on a node with a kubelet: installed, attached, upgraded under calls, detached, released and purged, after which
 * the node is as it was, byte for byte.
 */
public final class Scenario10 {
    private static final Path CONTAINERD = Path.of("/run/containerd/containerd.sock");
    private static final Path CONFIGURATION = Path.of("/etc/podslice/podslice.yaml");
    private static final String PODS = CgroupNames.here().directory("/kubepods");
    private static final String PODSLICE = "/usr/bin/podslice";
    private static final int CALLS_PER_SECOND = 50;

    private final Findings findings;
    private final Path socket;
    private final Path files;

    private Scenario10(Findings findings, Path socket, Path files) {
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
        new Scenario10(findings, Path.of(args[0]), Path.of(args[1])).run();
        System.exit(findings.allHold() ? 0 : 1);
    }

    private void run() throws IOException, InterruptedException {
        startKubelet();
        findings.check(
                "systemd", true, Systemd.ctl("--version").lines().findFirst().orElse(""));
        Pod earlier;
        try (CriClient runtime = Podslice.connect(CONTAINERD)) {
            earlier = Pod.run(runtime, files.resolve("burstable-pod"), List.of("worker"));
        }
        Map<String, String> filesBefore = NodeTrace.files();
        Map<String, String> valuesBefore = NodeTrace.values(PODS);
        Set<String> unitsBefore = NodeTrace.units();

        install();
        attach();
        Pod pod;
        try (CriClient cri = Podslice.connect(socket)) {
            pod = Pod.run(cri, files.resolve("budget-pod"), List.of("pinned", "logger", "metrics"));
            upgrade(cri, pod, earlier);
            remove(pod);
        }
        try (CriClient runtime = Podslice.connect(CONTAINERD)) {
            pod.over(runtime).remove();
            // As the kubelet does once a pod has no container.
            var _ = Systemd.ctl("stop", Path.of(pod.cgroup()).getFileName().toString());
        }

        findings.equal("files are as before", List.of(), NodeTrace.differences(filesBefore, NodeTrace.files()));
        findings.equal("cgroups are as before", List.of(), NodeTrace.differences(valuesBefore, NodeTrace.values(PODS)));
        findings.equal("units are as before", unitsBefore, NodeTrace.units());
        try (CriClient runtime = Podslice.connect(CONTAINERD)) {
            earlier.over(runtime).remove();
        }
    }

    private void startKubelet() {
        var _ = Systemd.run(List.of("/payload/kubelet/install"));
        var _ = Systemd.ctl("daemon-reload");
        var _ = Systemd.ctl("start", "kubelet");
    }

    private void install() throws IOException {
        var _ = dpkg("--install", "/payload/previous.deb");
        findings.equal("the package is there", "0.0.1", version());
        findings.equal("its installation starts nothing", "inactive", state("podslice.service"));
        findings.equal("nor the socket", "inactive", state("podslice.socket"));
        // An emulated CPU needs more than a decision's usual time.
        Files.writeString(
                CONFIGURATION, Files.readString(CONFIGURATION).replaceAll("(?m)^( +decisionBudget:).*$", "$1 2m"));
        var _ = Systemd.ctl("enable", "--now", "podslice");
        findings.equal("the service is up", "active", state("podslice.service"));
    }

    private void attach() {
        String said = Systemd.run(List.of(PODSLICE, "kubelet", "attach", "--timeout", "600"));
        findings.check("the kubelet is attached", said.contains("attached"), said);
        String status = Systemd.run(List.of(PODSLICE, "kubelet", "status"));
        findings.check("its status says so", status.contains(socket.toString()), status);
        String refusal = refused("dpkg", "--force-bad-path", "--remove", "podslice");
        findings.check(
                "the package is not removed while the kubelet uses it",
                refusal.contains("podslice kubelet detach"),
                refusal);
        findings.equal("it is still there", "0.0.1", version());
    }

    private void upgrade(CriClient cri, Pod pod, Pod earlier) throws InterruptedException {
        CpuSet pinned = pod.allowed("pinned");
        CpuSet rest = earlier.allowed("worker");
        findings.check(
                "a pod has CPUs of its own", pinned.size() == 2 && !pinned.intersects(rest), pinned + " and " + rest);
        PacedCalls calls = new PacedCalls(cri, pod.sandboxId(), CALLS_PER_SECOND);
        try (calls) {
            Thread.sleep(2_000);
            var _ = dpkg("--install", "/payload/next.deb");
            Requests.awaitServed(cri);
            Thread.sleep(2_000);
        }
        findings.check(
                "no call fails while the package is upgraded",
                calls.failed().isEmpty(),
                calls.made() + " calls, failed " + calls.failed());
        findings.check("the next version is there", !version().equals("0.0.1"), version());
        findings.equal("the service is up after it", "active", state("podslice.service"));
        findings.equal("the pod keeps its CPUs", pinned, pod.allowed("pinned"));
        findings.equal("the other pod keeps off them", rest, earlier.allowed("worker"));
        findings.check(
                "the configuration is the edited one",
                Systemd.run(List.of("cat", CONFIGURATION.toString())).contains("decisionBudget: 2m"),
                CONFIGURATION);
    }

    private void remove(Pod pod) {
        String said = Systemd.run(List.of(PODSLICE, "kubelet", "detach", "--timeout", "600"));
        findings.check("the kubelet is detached", said.contains("detached"), said);
        var _ = Systemd.ctl("disable", "--now", "podslice.socket", "podslice.service");
        String released = Systemd.run(List.of(PODSLICE, "release"));
        findings.check("cgroups are given back", released.contains("cpuset.cpus"), released);
        CpuSet online = Linux.online();
        for (String name : List.of("pinned", "logger", "metrics")) {
            findings.equal(name + " may run everywhere", online, pod.allowed(name));
        }
        findings.equal(
                "pinned has the quota of its limit", "200000 100000", Linux.cgroup(pod.cgroup("pinned"), "cpu.max"));
        var _ = dpkg("--purge", "podslice");
    }

    private static String dpkg(String... arguments) {
        // The VM's C library is no package there, and it has no ldconfig.
        List<String> line = new ArrayList<>(List.of("dpkg", "--force-depends", "--force-bad-path"));
        line.addAll(List.of(arguments));
        return Systemd.run(line);
    }

    /** Returns what a program says that must fail. */
    private static String refused(String... command) {
        try {
            return "not refused: " + Systemd.run(List.of(command));
        } catch (IllegalStateException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private static String version() {
        return Systemd.run(List.of("dpkg-query", "--show", "--showformat=${Version}", "podslice"))
                .strip();
    }

    private static String state(String unit) {
        return Systemd.ctl("show", unit, "--property=ActiveState", "--value").strip();
    }
}
