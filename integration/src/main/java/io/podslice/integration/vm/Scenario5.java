package io.podslice.integration.vm;

import io.podslice.cgroups.CpuSet;
import io.podslice.simulator.cri.CriClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Runs podslice as containerd's plugin alone, with partitions: the pods of Scenario1, created directly at containerd, get the values
 * that they have there, and the exclusive CPUs are a partition.
 */
public final class Scenario5 {
    private static final Path CONTAINERD = Path.of("/run/containerd/containerd.sock");

    private final Findings findings;
    private final CriClient cri;
    private final Path files;
    private final Path log;

    private Scenario5(Findings findings, CriClient cri, Path files, Path log) {
        this.findings = findings;
        this.cri = cri;
        this.files = files;
        this.log = log;
    }

    /**
     * Runs the scenario.
     *
     * @param args the shim's socket, which is not used, the folder of crictl's files, the file for the findings, which
     *     lies beside podslice's log
     */
    public static void main(String[] args) throws Exception {
        Path file = Path.of(args[2]);
        Findings findings = new Findings(file);
        try (CriClient cri = Podslice.connect(CONTAINERD)) {
            new Scenario5(findings, cri, Path.of(args[1]), file.resolveSibling("podslice.log")).run();
        }
        System.exit(findings.allHold() ? 0 : 1);
    }

    private void run() throws IOException, InterruptedException {
        awaitPlugin();
        CpuSet online = Linux.online();
        Pod burstable = Pod.run(cri, files.resolve("burstable-pod"), List.of("worker"));
        findings.equal("the Burstable pod may run everywhere at first", online, burstable.allowed("worker"));

        Pod pod = Pod.run(cri, files.resolve("budget-pod"), List.of("pinned", "logger", "metrics"));
        CpuSet pinned = pod.allowed("pinned");
        CpuSet logger = pod.allowed("logger");
        CpuSet all = pinned.union(logger);
        findings.equal("the pod's cpu.max is its budget", "400000 100000", Linux.cgroup(pod.cgroup(), "cpu.max"));
        findings.equal("the pod's memory.max is its budget", "1073741824", Linux.cgroup(pod.cgroup(), "memory.max"));
        findings.equal("pinned has no quota", "max 100000", Linux.cgroup(pod.cgroup("pinned"), "cpu.max"));
        findings.equal("logger has the pod's quota", "400000 100000", Linux.cgroup(pod.cgroup("logger"), "cpu.max"));
        findings.check("pinned has 2 CPUs", pinned.size() == 2, pinned);
        findings.check("logger has 2 CPUs of the pod's shared pool", logger.size() == 2, logger);
        findings.equal("metrics shares them", logger, pod.allowed("metrics"));
        findings.check("pinned's CPUs are its own", !pinned.intersects(logger), pinned + " and " + logger);
        findings.equal("the pod's four CPUs are of one NUMA node", 1, Linux.numaNodesOf(all));
        findings.equal("the Burstable pod has all the other CPUs", online.minus(all), burstable.allowed("worker"));
        findings.equal("pinned is a partition", "root", Linux.partition(pod.cgroup("pinned")));
        findings.equal("which all else is off", online.minus(pinned), Linux.inNoPartition());

        pod.update("pinned", 2048, 200_000);
        findings.equal("an update without CPUs leaves pinned where it is", pinned, pod.allowed("pinned"));
        findings.equal(
                "an update with a quota gives pinned none",
                "max 100000",
                Linux.cgroup(pod.cgroup("pinned"), "cpu.max"));
        findings.equal("and leaves the partition", "root", Linux.partition(pod.cgroup("pinned")));

        pod.remove();
        findings.equal("the partition's CPUs are back", online, Linux.inNoPartition());
        findings.equal("the Burstable pod may run everywhere again", online, burstable.allowed("worker"));
        burstable.remove();
    }

    private void awaitPlugin() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + Patience.OF_A_STEP.toNanos();
        while (!Files.exists(log) || !Files.readString(log).contains("synchronized: ")) {
            if (System.nanoTime() > deadline) {
                throw new IOException("containerd did not take podslice up in " + Patience.OF_A_STEP);
            }
            Thread.sleep(100);
        }
    }
}
