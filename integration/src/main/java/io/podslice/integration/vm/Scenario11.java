package io.podslice.integration.vm;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** {@code podslice doctor} on a node to which podslice has come as a package: faults planted one after the other, each found. */
public final class Scenario11 {
    private static final Path KUBELET = Path.of("/var/lib/kubelet");
    private static final Path KUBELET_CONFIG = KUBELET.resolve("config.yaml");
    private static final Path CONTAINERD = Path.of("/run/containerd/containerd.sock");

    private final Findings findings;
    private final Path socket;

    private Scenario11(Findings findings, Path socket) {
        this.findings = findings;
        this.socket = socket;
    }

    /**
     * Runs the scenario.
     *
     * @param args the shim's socket, the folder of crictl's files, the file for the findings
     */
    public static void main(String[] args) throws IOException {
        Findings findings = new Findings(Path.of(args[2]));
        new Scenario11(findings, Path.of(args[0])).run();
        System.exit(findings.allHold() ? 0 : 1);
    }

    private void run() {
        PackagedNode.startKubelet();
        PackagedNode.install(PackagedNode.NEXT);
        PackagedNode.enable();
        findings.equal("the kubelet goes past podslice", List.of("kubelet-endpoint"), faults());
        var _ = PackagedNode.attach();
        findings.equal("a sound node", List.of(), faults());
        for (Plant plant : plants()) {
            Runnable back = plant.planting().get();
            try {
                List<String> found = faults();
                findings.check(plant.name(), found.contains(plant.check()), found);
            } finally {
                back.run();
            }
        }
        findings.equal("a sound node again", List.of(), faults());
    }

    private List<Plant> plants() {
        return List.of(
                kubelet("the kubelet's CPU manager is static", "kubelet-cpu-manager", "cpuManagerPolicy: static"),
                kubelet("its memory manager is Static", "kubelet-memory-manager", "memoryManagerPolicy: Static"),
                kubelet(
                        "its topology manager refuses pods",
                        "kubelet-topology-manager",
                        "topologyManagerPolicy: restricted"),
                kubelet("its cgroup root is another", "kubelet-cgroup-root", "cgroupRoot: /tenants"),
                kubelet("it gives up before podslice decides", "kubelet-timeout", "runtimeRequestTimeout: 5s"),
                Plant.replaced(
                        "its driver is not the runtime's",
                        "kubelet-cgroup-driver",
                        KUBELET_CONFIG,
                        "cgroupDriver: systemd",
                        "cgroupDriver: cgroupfs"),
                Plant.line(
                        "a state file of its CPU manager is left over",
                        "kubelet-state-files",
                        KUBELET.resolve("cpu_manager_state"),
                        "{\"policyName\":\"static\",\"defaultCpuSet\":\"0-7\",\"checksum\":1}"),
                Plant.line(
                        "its endpoint was changed without a restart",
                        "kubelet-restart",
                        Path.of("/etc/default/kubelet"),
                        "KUBELET_EXTRA_ARGS=--container-runtime-endpoint=unix://" + CONTAINERD),
                Plant.service("it has ended", "kubelet", List.of("stop", "kubelet"), List.of("start", "kubelet")),
                podslice(
                        "a mistake in the configuration",
                        "configuration",
                        "cpuManagerPolicy: \\w+",
                        "cpuManagerPolicy: sttic"),
                podslice(
                        "reserved CPUs that the machine does not have",
                        "machine-fit",
                        "reservedSystemCPUs: .*",
                        "reservedSystemCPUs: \"80-81\""),
                podslice("podslice would call itself", "sockets-differ", "runtime: .*", "runtime: unix://" + socket),
                podslice("another driver than the runtime's", "cgroup-driver", "driver: \\w+", "driver: cgroupfs"),
                Plant.mode("podslice's socket is open to every user", "shim-socket", socket, "rw-rw-rw-"),
                Plant.mode("the runtime's socket is open to every user", "runtime-socket", CONTAINERD, "rw-rw-rw-"),
                Plant.mode(
                        "every user can change podslice's state",
                        "state-folder",
                        Path.of("/var/lib/podslice"),
                        "rwxrwxrwx"),
                Plant.service(
                        "podslice does not start with the node",
                        "boot",
                        List.of("disable", "podslice"),
                        List.of("enable", "podslice")),
                Plant.service(
                        "podslice does not run",
                        "shim-socket",
                        List.of("stop", "podslice.socket", "podslice.service"),
                        List.of("start", "podslice.socket", "podslice.service")));
    }

    private static Plant kubelet(String name, String check, String line) {
        return Plant.line(name, check, KUBELET_CONFIG, line);
    }

    private static Plant podslice(String name, String check, String pattern, String text) {
        return Plant.replaced(name, check, PackagedNode.CONFIGURATION, pattern, text);
    }

    /** Returns the checks that find a fault. */
    private static List<String> faults() {
        return Systemd.ended(List.of(PackagedNode.PODSLICE, "doctor"))
                .printed()
                .lines()
                .filter(line -> line.startsWith("FAULT "))
                .map(line -> line.split("\\s+", -1)[1])
                .distinct()
                .collect(Collectors.toList());
    }
}
