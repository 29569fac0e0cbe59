package io.podslice.integration.vm;

import io.podslice.cgroups.CpuSet;
import io.podslice.simulator.cri.CriClient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The Debian package on a node with a kubelet: installed, attached, upgraded under calls, detached, released and purged, after which
 * the node is as it was, byte for byte.
 */
public final class Scenario10 {
    private static final Path CONTAINERD = Path.of("/run/containerd/containerd.sock");
    private static final String PODS = CgroupNames.here().directory("/kubepods");
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
        PackagedNode.startKubelet();
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

    private void install() {
        PackagedNode.install(PackagedNode.PREVIOUS);
        findings.equal("the package is there", PackagedNode.PREVIOUS_VERSION, PackagedNode.version());
        findings.equal("its installation starts nothing", "inactive", PackagedNode.state("podslice.service"));
        findings.equal("nor the socket", "inactive", PackagedNode.state("podslice.socket"));
    }

    private void attach() {
        String said = PackagedNode.attach();
        findings.check("the kubelet is attached", said.contains("attached: "), said);
        findings.equal("the service is up", "active", PackagedNode.state("podslice.service"));
        String status = Systemd.run(List.of(PackagedNode.PODSLICE, "kubelet", "status"));
        findings.check("its status says so", status.contains(socket.toString()), status);
        Systemd.Ended removal = Systemd.ended(PackagedNode.dpkgLine("--remove", "podslice"));
        findings.check(
                "the package is not removed while the kubelet uses it",
                removal.status() != 0 && removal.printed().contains("podslice kubelet detach"),
                removal.printed());
        findings.equal("it is still there", PackagedNode.PREVIOUS_VERSION, PackagedNode.version());
    }

    private void upgrade(CriClient cri, Pod pod, Pod earlier) throws InterruptedException {
        CpuSet pinned = pod.allowed("pinned");
        CpuSet rest = earlier.allowed("worker");
        findings.check(
                "a pod has CPUs of its own", pinned.size() == 2 && !pinned.intersects(rest), pinned + " and " + rest);
        PacedCalls calls = new PacedCalls(cri, pod.sandboxId(), CALLS_PER_SECOND);
        try (calls) {
            Thread.sleep(2_000);
            var _ = PackagedNode.dpkg("--install", PackagedNode.NEXT);
            Requests.awaitServed(cri);
            Thread.sleep(2_000);
        }
        findings.check(
                "no call fails while the package is upgraded",
                calls.failed().isEmpty(),
                calls.made() + " calls, failed " + calls.failed());
        findings.check(
                "the next version is there",
                !PackagedNode.version().equals(PackagedNode.PREVIOUS_VERSION),
                PackagedNode.version());
        findings.equal("the service is up after it", "active", PackagedNode.state("podslice.service"));
        findings.equal("the pod keeps its CPUs", pinned, pod.allowed("pinned"));
        findings.equal("the other pod keeps off them", rest, earlier.allowed("worker"));
        findings.check(
                "the configuration is the edited one",
                Systemd.run(List.of("cat", PackagedNode.CONFIGURATION.toString()))
                        .contains("decisionBudget: 100s"),
                PackagedNode.CONFIGURATION);
    }

    private void remove(Pod pod) {
        String said = Systemd.run(List.of(PackagedNode.PODSLICE, "kubelet", "detach", "--timeout", "600"));
        findings.check("the kubelet is detached", said.contains("detached"), said);
        String purged = PackagedNode.dpkg("--purge", "podslice");
        findings.check("the purge gives cgroups back", purged.contains("cpuset.cpus: "), purged);
        CpuSet online = Linux.online();
        for (String name : List.of("pinned", "logger", "metrics")) {
            findings.equal(name + " may run everywhere", online, pod.allowed(name));
        }
        findings.equal(
                "pinned has the quota of its limit", "200000 100000", Linux.cgroup(pod.cgroup("pinned"), "cpu.max"));
    }
}
