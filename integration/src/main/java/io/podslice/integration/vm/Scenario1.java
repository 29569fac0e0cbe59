package io.podslice.integration.vm;

import io.podslice.cgroups.CpuSet;
import io.podslice.proto.cri.v1.LinuxContainerResources;
import io.podslice.simulator.cri.CriClient;
import java.nio.file.Path;
import java.util.List;

/**
 * A pod with a budget of 4 CPUs and 1 GiB beside an ordinary Burstable pod, both from crictl's files and through the
 * shim: the CPUs of each, the limits, a resize to 5 CPUs, and the cgroups left after removal.
 */
public final class Scenario1 {
    private static final String KUBEPODS = CgroupNames.here().directory("/kubepods");
    private static final String UNLIMITED = "max 100000";

    private final Findings findings;
    private final CriClient cri;
    private final Path files;

    private Scenario1(Findings findings, CriClient cri, Path files) {
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
            new Scenario1(findings, cri, Path.of(args[1])).run();
        }
        System.exit(findings.allHold() ? 0 : 1);
    }

    private void run() {
        CpuSet online = Linux.online();
        Pod burstable = Pod.run(cri, files.resolve("burstable-pod"), List.of("worker"));
        findings.equal("the Burstable pod may run everywhere at first", online, burstable.allowed("worker"));

        Pod pod = Pod.run(cri, files.resolve("budget-pod"), List.of("pinned", "logger", "metrics"));
        CpuSet pinned = pod.allowed("pinned");
        budget(pod, "400000 100000");
        placed(pod, burstable, 2, 2);
        findings.equal("its four CPUs are of one NUMA node", 1, Linux.numaNodesOf(all(pod)));
        findings.equal(
                "logger's cpuset is its cgroup's own",
                Linux.cgroup(pod.cgroup("logger"), "cpuset.cpus.effective"),
                pod.allowed("logger").toString());

        pod.resize(
                LinuxContainerResources.newBuilder()
                        .setCpuPeriod(100_000)
                        .setCpuQuota(500_000)
                        .setCpuShares(5120)
                        .setMemoryLimitInBytes(1 << 30)
                        .build(),
                List.of("logger", "metrics"));
        budget(pod, "500000 100000");
        placed(pod, burstable, 2, 3);
        findings.equal("pinned keeps its CPUs through the resize", pinned, pod.allowed("pinned"));

        pod.remove();
        findings.equal("the Burstable pod may run everywhere again", online, burstable.allowed("worker"));
        findings.check("the pod's cgroup is gone", !Linux.hasCgroup(pod.cgroup()), Linux.below(KUBEPODS));
        burstable.remove();
    }

    private static CpuSet all(Pod pod) {
        return pod.allowed("pinned").union(pod.allowed("logger")).union(pod.allowed("metrics"));
    }

    private void budget(Pod pod, String cpuMax) {
        findings.equal("the pod's cpu.max is its budget", cpuMax, Linux.cgroup(pod.cgroup(), "cpu.max"));
        findings.equal("the pod's memory.max is its budget", "1073741824", Linux.cgroup(pod.cgroup(), "memory.max"));
        findings.equal("pinned has no quota", UNLIMITED, Linux.cgroup(pod.cgroup("pinned"), "cpu.max"));
        findings.equal("logger has the pod's quota", cpuMax, Linux.cgroup(pod.cgroup("logger"), "cpu.max"));
        findings.equal("metrics has the pod's quota", cpuMax, Linux.cgroup(pod.cgroup("metrics"), "cpu.max"));
    }

    private void placed(Pod pod, Pod burstable, int own, int shared) {
        CpuSet pinned = pod.allowed("pinned");
        CpuSet logger = pod.allowed("logger");
        findings.check("pinned has " + own + " CPUs", pinned.size() == own, pinned);
        findings.check("logger has " + shared + " CPUs of the pod's shared pool", logger.size() == shared, logger);
        findings.equal("metrics shares them", logger, pod.allowed("metrics"));
        findings.check(
                "pinned's CPUs are not in the shared pool", !pinned.intersects(logger), pinned + " and " + logger);
        findings.check("no other container's process may run on pinned's CPUs", alone(pod, pinned), pinned);
        CpuSet worker = burstable.allowed("worker");
        findings.check("the Burstable pod is off the pod's CPUs", !worker.intersects(all(pod)), worker);
        findings.equal(
                "the Burstable pod has all the other CPUs", Linux.online().minus(all(pod)), worker);
    }

    /**
     * Returns true if no process of another container below kubepods may run on pinned's CPUs; a pause process only
     * sleeps.
     */
    private boolean alone(Pod pod, CpuSet pinned) {
        for (String cgroup : Linux.below(KUBEPODS)) {
            if (!cgroup.equals(pod.cgroup("pinned")) && !cgroup.equals(pod.sandboxCgroup())) {
                for (long process : Linux.processes(cgroup)) {
                    if (Linux.allowed(process).intersects(pinned)) {
                        return false;
                    }
                }
            }
        }
        return true;
    }
}
