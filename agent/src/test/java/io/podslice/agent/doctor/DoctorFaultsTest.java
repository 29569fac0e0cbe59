package io.podslice.agent.doctor;

import static io.podslice.agent.host.NodeFolder.EXTRA_ARGS;
import static io.podslice.agent.host.NodeFolder.KUBELET_CONFIG;
import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.agent.host.NodeFolder;
import io.podslice.cgroups.CgroupDriver;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.node.PodSandboxRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Faults that are planted on a sound node, and what the doctor says of each. The table in docs/doctor.md is compared with them;
 * with the system property {@code podslice.docs.write} it is written anew.
 */
class DoctorFaultsTest {
    private static final Path PAGE = Path.of("..", "docs", "doctor.md");
    private static final String CONFIG = NodeReader.CONFIG;

    @TempDir
    private Path root;

    /**
     * A planted fault.
     *
     * @param what what is wrong with the node
     * @param check the check that must find it, and none else
     * @param plant makes it
     */
    record Fault(String what, String check, BiConsumer<NodeFolder, FakeProbes> plant) {
        @Override
        public String toString() {
            return what;
        }
    }

    private static List<Fault> faults() {
        List<Fault> faults = new ArrayList<>();
        faults.add(fault(
                "a kernel before 5.8",
                "kernel",
                (node, _) -> node.put("/proc/sys/kernel/osrelease", "5.4.0-216-generic\n")));
        faults.add(fault(
                "memoryThrottlingFactor on a kernel before 5.9",
                "kernel",
                (node, _) -> node.put("/proc/sys/kernel/osrelease", "5.8.0-63-generic\n")
                        .put(CONFIG, NodeFolder.configuration("memoryThrottlingFactor: 0.8\n"))));
        faults.add(fault("cgroup v1", "cgroup-version", (node, _) -> node.remove("/sys/fs/cgroup/cgroup.controllers")));
        faults.add(fault(
                "a cgroup v1 hierarchy holds the cpuset controller",
                "cgroup-controllers",
                (node, _) -> node.put("/sys/fs/cgroup/cgroup.controllers", "cpu io memory hugetlb pids\n")));
        faults.add(fault(
                "the driver was changed without a reboot",
                "cgroup-driver",
                (node, _) -> node.put("/sys/fs/cgroup/kubepods/cgroup.controllers", "cpuset cpu memory\n")));
        faults.add(fault(
                "cgroups.driver is not the runtime's",
                "cgroup-driver",
                (node, _) -> node.put(CONFIG, NodeFolder.configuration("cgroups: {driver: cgroupfs}\n"))
                        .put("/sys/fs/cgroup/kubepods/cgroup.controllers", "cpuset cpu memory\n")
                        .remove("/sys/fs/cgroup/kubepods.slice/cgroup.controllers")
                        .remove("/sys/fs/cgroup/kubepods.slice/cpuset.cpus.exclusive")
                        .remove("/sys/fs/cgroup/kubepods.slice")));
        faults.add(fault(
                "pods' slices without the drop-in of systemd/slices",
                "pod-controllers",
                (node, _) -> node.remove("/etc/systemd/system/kubepods-.slice.d/10-podslice.conf")));
        faults.add(fault(
                "the runtime does not run",
                "runtime-socket",
                (node, _) -> node.remove("/run/containerd/containerd.sock")));
        faults.add(fault(
                "the runtime hangs or refuses", "runtime-socket", (_, probes) -> probes.refuse("containerd.sock")));
        faults.add(fault(
                "the runtime's socket is open to every user",
                "runtime-socket",
                (node, _) -> node.mode("/run/containerd/containerd.sock", "rw-rw-rw-")));
        faults.add(fault(
                "containerd 1.6",
                "runtime-version",
                (_, probes) -> probes.runtime(new Probes.RuntimeAnswer("containerd", "1.6.33", Optional.empty()))));
        faults.add(fault(
                "CRI-O",
                "runtime-version",
                (_, probes) -> probes.runtime(
                        new Probes.RuntimeAnswer("cri-o", "1.33.0", Optional.of(CgroupDriver.SYSTEMD)))));
        faults.add(fault(
                "nri.enabled where the runtime's NRI is off",
                "nri",
                (node, _) -> node.put(CONFIG, NodeFolder.configuration("nri: {enabled: true}\n"))));
        faults.add(fault(
                "the kubelet has ended",
                "kubelet",
                (node, _) -> node.remove("/proc/" + NodeFolder.KUBELET + "/cmdline")));
        faults.add(fault(
                "the kubelet goes past podslice",
                "kubelet-endpoint",
                (node, _) -> node.put(EXTRA_ARGS, "").kubeletRuns()));
        faults.add(fault(
                "an endpoint that was changed without a restart of the kubelet",
                "kubelet-restart",
                (node, _) -> node.put(EXTRA_ARGS, "")));
        faults.add(fault(
                "the kubelet's CPU manager is static",
                "kubelet-cpu-manager",
                (node, _) -> node.replace(KUBELET_CONFIG, "cpuManagerPolicy: none", "cpuManagerPolicy: static")));
        faults.add(fault(
                "the kubelet's memory manager is Static",
                "kubelet-memory-manager",
                (node, _) -> node.put(KUBELET_CONFIG, node.text(KUBELET_CONFIG) + "memoryManagerPolicy: Static\n")));
        faults.add(fault(
                "the kubelet's topology manager refuses pods",
                "kubelet-topology-manager",
                (node, _) ->
                        node.put(KUBELET_CONFIG, node.text(KUBELET_CONFIG) + "topologyManagerPolicy: restricted\n")));
        faults.add(fault(
                "a state file of the CPU manager is left over",
                "kubelet-state-files",
                (node, _) -> node.put(
                        "/var/lib/kubelet/cpu_manager_state",
                        "{\"policyName\":\"static\",\"defaultCpuSet\":\"0-7\",\"checksum\":1}")));
        faults.add(fault(
                "the kubelet's cgroup driver is not the runtime's",
                "kubelet-cgroup-driver",
                (node, _) -> node.replace(KUBELET_CONFIG, "cgroupDriver: systemd", "cgroupDriver: cgroupfs")));
        faults.add(fault(
                "the kubelet has a cgroupRoot that podslice does not know",
                "kubelet-cgroup-root",
                (node, _) -> node.put(KUBELET_CONFIG, node.text(KUBELET_CONFIG) + "cgroupRoot: /tenants\n")));
        faults.add(fault(
                "the kubelet gives up before podslice decides",
                "kubelet-timeout",
                (node, _) -> node.put(KUBELET_CONFIG, node.text(KUBELET_CONFIG) + "runtimeRequestTimeout: 5s\n")));
        faults.add(fault(
                "a mistake in the configuration",
                "configuration",
                (node, _) -> node.put(CONFIG, NodeFolder.configuration("cpuManagerPolicy: sttic\n"))));
        faults.add(fault(
                "reserved CPUs that the machine does not have",
                "machine-fit",
                (node, _) -> node.put(CONFIG, NodeFolder.configuration("reservedSystemCPUs: \"8-9\"\n"))));
        faults.add(fault(
                "podslice would call itself",
                "sockets-differ",
                (node, _) -> node.put(
                        CONFIG, NodeFolder.configuration("shim: {runtime: \"unix:///run/podslice/cri.sock\"}\n"))));
        faults.add(fault("podslice does not run", "shim-socket", (_, probes) -> probes.refuse("cri.sock")));
        faults.add(fault(
                "podslice's socket is open to every user",
                "shim-socket",
                (node, _) -> node.mode("/run/podslice/cri.sock", "rw-rw-rw-")));
        faults.add(fault(
                "the node API could not be opened",
                "api-socket",
                (node, _) -> node.remove("/run/podslice/podslice.sock")));
        faults.add(fault(
                "podslice runs and manages no pods",
                "ready",
                (_, probes) -> probes.api(new Probes.ApiAnswer("0.1.0", "cgroups.root /sys/fs/cgroup: is tmpfs"))));
        faults.add(fault(
                "an upgrade without a restart",
                "version",
                (_, probes) -> probes.api(new Probes.ApiAnswer("0.0.9", ""))));
        faults.add(fault(
                "podslice does not start with the node",
                "boot",
                (node, _) -> node.remove("/etc/systemd/system/multi-user.target.wants/podslice.service")));
        faults.add(fault(
                "every user can change podslice's state",
                "state-folder",
                (node, _) -> node.mode("/var/lib/podslice", "rwxrwxrwx")));
        faults.add(fault("a running pod that would be refused", "pods", (_, probes) -> {
            probes.run(pod("web", ""));
            probes.run(pod("huge", """
                    {"resources": {"requests": {"cpu": "64", "memory": "1Gi"}, "limits": {"cpu": "64", "memory": "1Gi"}},
                     "containers": [{"name": "app", "resources": {"requests": {"cpu": "64", "memory": "1Gi"},
                                                                  "limits": {"cpu": "64", "memory": "1Gi"}}}]}
                    """));
        }));
        return faults;
    }

    private static Fault fault(String what, String check, BiConsumer<NodeFolder, FakeProbes> plant) {
        return new Fault(what, check, plant);
    }

    private static PodSandboxRequest pod(String name, String spec) {
        return new PodSandboxRequest(
                "uid-" + name,
                "default",
                name,
                0,
                spec.isEmpty()
                        ? "/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-poduid_" + name + ".slice"
                        : "/kubepods.slice/kubepods-poduid_" + name + ".slice",
                Map.of(),
                spec.isEmpty() ? Map.of() : Map.of("podslice.io/pod-spec", spec),
                LinuxResources.NONE,
                LinuxResources.NONE);
    }

    private Report report(Path folder, Optional<Fault> fault) {
        NodeFolder node = NodeFolder.sound(folder);
        FakeProbes probes = new FakeProbes();
        fault.ifPresent(one -> one.plant().accept(node, probes));
        return Report.of(new NodeReader(node.files(), probes, "0.1.0").read(null));
    }

    @Test
    void aSoundNodeHasNoFault() {
        Report report = report(root, Optional.empty());
        assertThat(report.at(Finding.Level.FAULT)).isEmpty();
        assertThat(report.at(Finding.Level.NOTE)).isEmpty();
        assertThat(report.isSound()).isTrue();
        assertThat(report.text()).endsWith("sound, " + Check.ALL.size() + " checks\n");
    }

    @ParameterizedTest
    @MethodSource("faults")
    void aPlantedFaultIsFoundByItsCheckAlone(Fault fault) {
        Report report = report(root, Optional.of(fault));
        List<Finding> found = report.at(Finding.Level.FAULT);
        assertThat(found).as(report.text()).extracting(Finding::check).contains(fault.check());
        // A node where one thing is missing may lack what follows from it; nothing that is sound may be called a fault.
        assertThat(found).as(report.text()).hasSizeLessThanOrEqualTo(2);
        assertThat(report.text()).contains(found.getFirst().text());
        assertThat(report.json()).contains("\"sound\": false", "\"check\": \"" + fault.check() + "\"");
    }

    @Test
    void everyCheckFindsAFault() {
        Set<String> found = new HashSet<>();
        faults().forEach(fault -> found.add(fault.check()));
        Set<String> notes = Set.of("partitions", "unreadable");
        assertThat(Check.ALL).extracting(Check::name).allMatch(check -> found.contains(check) || notes.contains(check));
        assertThat(faults()).hasSizeGreaterThanOrEqualTo(15);
    }

    @Test
    void thePageHasEveryFault() throws IOException {
        StringBuilder table =
                new StringBuilder("| fault | check | what the doctor says | what to do |\n| --- | --- | --- | --- |\n");
        int number = 0;
        for (Fault fault : faults()) {
            Path folder = Files.createDirectory(root.resolve("node" + number++));
            Finding finding = report(folder, Optional.of(fault)).at(Finding.Level.FAULT).stream()
                    .filter(one -> one.check().equals(fault.check()))
                    .findFirst()
                    .orElseThrow();
            table.append("| ")
                    .append(fault.what())
                    .append(" | `")
                    .append(fault.check())
                    .append("` | ")
                    .append(finding.text().replace("|", "\\|"))
                    .append(" | ")
                    .append(finding.advice().replace("|", "\\|"))
                    .append(" |\n");
        }
        String begin = "<!-- the faults of DoctorFaultsTest -->\n";
        String end = "<!-- end -->\n";
        String page = Files.readString(PAGE);
        int from = page.indexOf(begin) + begin.length();
        int to = page.indexOf(end);
        assertThat(page).contains(begin, end);
        String expected = page.substring(0, from) + table + page.substring(to);
        if (Boolean.getBoolean("podslice.docs.write")) {
            Files.writeString(PAGE, expected);
        } else {
            assertThat(page).isEqualTo(expected);
        }
    }

    @Test
    void aFileThatCannotBeReadIsNamed() {
        NodeFolder node = NodeFolder.sound(root);
        node.remove("/sys/devices/system/cpu/online");
        Report report = Report.of(new NodeReader(node.files(), new FakeProbes(), "0.1.0").read(null));
        assertThat(report.at(Finding.Level.NOTE)).extracting(Finding::check).contains("unreadable", "pods");
        assertThat(report.text()).contains("/sys/devices/system/cpu/online: no such file");
    }
}
