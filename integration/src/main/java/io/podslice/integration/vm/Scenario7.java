package io.podslice.integration.vm;

import io.podslice.cgroups.CgroupException;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.Errno;
import io.podslice.proto.cri.v1.ContainerConfig;
import io.podslice.simulator.cri.CriClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A node with systemd while 20 containers run: each event after which systemd writes its units' values again, and then
 * all of them at once, as often as it can. Whatever podslice has written is there afterwards, and meanwhile no foreign
 * process may run on exclusive CPUs. The pods are left to the end of the VM: to stop them takes it longer than all the rest.
 */
public final class Scenario7 {
    private static final int CONTAINERS = 20;
    private static final double AT_MOST_SECONDS = 120;
    private static final long POLL_MILLIS = 500;
    private static final Path PID = Path.of("/run/podslice.pid");

    private final CgroupNames names = CgroupNames.here();
    private final String kubepods = names.directory("/kubepods");
    private final KubeletSlices kubelet = new KubeletSlices();
    private final List<Pod> pods = new ArrayList<>();
    private final Findings findings;
    private final CriClient cri;
    private final Path files;

    private Scenario7(Findings findings, CriClient cri, Path files) {
        this.findings = findings;
        this.cri = cri;
        this.files = files;
    }

    /**
     * Runs the scenario.
     *
     * @param args the shim's socket, the folder of crictl's files, the file for the findings
     */
    public static void main(String[] args) throws Exception {
        Findings findings = new Findings(Path.of(args[2]));
        try (CriClient cri = Podslice.connect(Path.of(args[0]))) {
            new Scenario7(findings, cri, Path.of(args[1])).run();
        }
        System.exit(findings.allHold() ? 0 : 1);
    }

    private void run() throws Exception {
        String podslice = Files.readString(PID);
        for (String directory : List.of("/kubepods", "/kubepods/burstable", "/kubepods/besteffort")) {
            make(names.directory(directory));
        }
        Pod budget = start("budget-pod", "pinned", "logger", "metrics");
        var _ = start("protected-pod", "app");
        var _ = start("throttled-pod", "app");
        var _ = start("besteffort-pod", "app");
        Pod burstable = start("burstable-pod", "worker");
        ContainerConfig worker = CrictlFiles.container(files.resolve("burstable-pod/worker.json"));
        for (int number = 8; number <= CONTAINERS; number++) {
            burstable.start("worker-" + number, worker);
        }
        CgroupValues before = CgroupValues.below(kubepods);
        findings.equal("20 containers run, and their pods' sandboxes", CONTAINERS + pods.size(), before.scopes());

        try (ExclusiveWatch watch = new ExclusiveWatch(budget, kubepods)) {
            after("a daemon-reload", before, () -> {
                var _ = Systemd.ctl("daemon-reload");
            });
            after("a daemon-reexec", before, () -> {
                var _ = Systemd.ctl("daemon-reexec");
            });
            after("the kubelet's minute", before, () -> UnitWrites.weighAgain(names.directory("/kubepods/burstable")));
            after("the kubelet's write of a pod", before, () -> UnitWrites.weighAgain(budget.cgroup()));
            after("a write of a container's scope", before, () -> UnitWrites.weighAgain(budget.cgroup("pinned")));
            Storm storm = new Storm(before.directories());
            storm.rage();
            after("a storm of " + storm, before, () -> {});
            findings.equal("no foreign process was allowed on exclusive CPUs", List.of(), watch.violations());
            findings.check("the watch looked", watch.looks() > 10, watch.looks() + " times");
        }
        findings.equal("podslice is still the process that it was", podslice, Files.readString(PID));
        findings.equal("every container still has its process", before.scopes(), (int) before.directories().stream()
                .filter(directory -> directory.endsWith(".scope") && Linux.hasCgroup(directory))
                .filter(directory -> !Linux.processes(directory).isEmpty())
                .count());
    }

    /** Starts a slice where there is none, and enables every controller of the root above it, as libcontainer does. */
    private void make(String directory) {
        CgroupPath cgroup = new CgroupPath(directory);
        if (!kubelet.exists(cgroup)) {
            kubelet.create(cgroup);
        }
        List<CgroupPath> above = new ArrayList<>();
        for (var at = cgroup.parent(); at.isPresent(); at = at.get().parent()) {
            above.addFirst(at.get());
        }
        for (CgroupPath path : above) {
            for (String controller : Linux.cgroup("/", "cgroup.controllers").split(" ", -1)) {
                enable(path, controller);
            }
        }
    }

    private void enable(CgroupPath path, String controller) {
        try {
            kubelet.write(path, "cgroup.subtree_control", "+" + controller);
        } catch (CgroupException e) {
            // systemd has just taken the controller from the cgroup above.
            if (e.errno() != Errno.ENOENT) {
                throw e;
            }
        }
    }

    /** Starts a pod after its slice, as the kubelet does. */
    private Pod start(String folder, String... containers) {
        make(Pod.config(files.resolve(folder)).getLinux().getCgroupParent());
        Pod pod = Pod.run(cri, files.resolve(folder), List.of(containers));
        pods.add(pod);
        return pod;
    }

    /** Makes something happen, and waits until all values are as before it, for two minutes at most. */
    private void after(String what, CgroupValues before, Runnable event) throws InterruptedException {
        event.run();
        long start = System.nanoTime();
        List<String> last = List.of();
        List<String> unlike = before.unlike(CgroupValues.below(kubepods));
        while (true) {
            if (!unlike.equals(last)) {
                System.out.println(Linux.uptime() + " " + unlike.size() + " values differ: " + unlike);
                last = unlike;
            }
            if (unlike.isEmpty() || seconds(start) > AT_MOST_SECONDS) {
                break;
            }
            Thread.sleep(POLL_MILLIS);
            unlike = before.unlike(CgroupValues.below(kubepods));
        }
        findings.check(
                "after " + what + " all values are as before",
                unlike.isEmpty(),
                "in %.1f s%s".formatted(seconds(start), unlike.isEmpty() ? "" : " not: " + unlike));
    }

    private static double seconds(long startNanos) {
        return (System.nanoTime() - startNanos) / 1e9;
    }
}
