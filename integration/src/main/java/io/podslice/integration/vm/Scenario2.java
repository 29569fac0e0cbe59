package io.podslice.integration.vm;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.podslice.cgroups.CpuSet;
import io.podslice.simulator.cri.CriClient;
import java.nio.file.Path;
import java.util.List;

/**
 * Under full-pcpus-only and restricted, on four NUMA nodes with SMT: a pod of whole cores that fits, and one of three
 * CPUs that must be refused with the kubelet's reason and leave nothing behind.
 */
public final class Scenario2 {
    private static final String ODD_CGROUP = "/kubepods/podb0d6e700-0000-4000-8000-000000000004";

    private final Findings findings;
    private final CriClient cri;
    private final Path files;

    private Scenario2(Findings findings, CriClient cri, Path files) {
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
            new Scenario2(findings, cri, Path.of(args[1])).run();
        }
        System.exit(findings.allHold() ? 0 : 1);
    }

    private void run() {
        CpuSet online = Linux.online();
        findings.equal("the machine has four NUMA nodes", 4, Linux.numaNodesOf(online));
        findings.equal(
                "its cores have two threads", 2, Linux.siblings(online.first()).size());
        Pod burstable = Pod.run(cri, files.resolve("burstable-pod"), List.of("worker"));

        Pod pod = Pod.run(cri, files.resolve("cores-pod"), List.of("pinned", "logger"));
        CpuSet pinned = pod.allowed("pinned");
        CpuSet logger = pod.allowed("logger");
        CpuSet all = pinned.union(logger);
        findings.equal("the pod has four CPUs", 4, all.size());
        findings.equal("they are of one NUMA node", 1, Linux.numaNodesOf(all));
        findings.check("they are whole cores", wholeCores(all), all);
        findings.check("pinned has two of them, a whole core", pinned.size() == 2 && wholeCores(pinned), pinned);
        findings.check("logger has the other core", !logger.intersects(pinned), logger);
        findings.equal("pinned has no quota", "max 100000", Linux.cgroup(pod.cgroup("pinned"), "cpu.max"));
        findings.equal(
                "pinned's memory is of the pod's NUMA node",
                Linux.nodesOf(all).toString(),
                Linux.cgroup(pod.cgroup("pinned"), "cpuset.mems"));
        CpuSet worker = burstable.allowed("worker");
        findings.equal("the Burstable pod has all the other CPUs", online.minus(all), worker);

        refused();
        findings.equal("the Burstable pod still has all the other CPUs", worker, burstable.allowed("worker"));
        findings.check("the refused pod has no cgroup", !Linux.hasCgroup(ODD_CGROUP), Linux.below("/kubepods"));

        pod.remove();
        findings.equal("the Burstable pod may run everywhere again", online, burstable.allowed("worker"));
        burstable.remove();
    }

    private void refused() {
        try {
            Pod.run(cri, files.resolve("odd-pod"), List.of("worker")).remove();
            findings.check("the pod of three CPUs is refused", false, "it runs");
        } catch (StatusRuntimeException e) {
            Status status = e.getStatus();
            String text = String.valueOf(status.getDescription());
            findings.check(
                    "the pod of three CPUs is refused with SMTAlignmentError",
                    text.contains(
                            "SMTAlignmentError: SMT Alignment Error: requested 3 cpus not multiple cpus per core = 2"),
                    text);
            findings.check("and told what would fit", text.endsWith("2 or 4 CPUs would fit"), text);
            findings.equal("as a failed precondition", Status.Code.FAILED_PRECONDITION, status.getCode());
        }
    }

    private static boolean wholeCores(CpuSet cpus) {
        return cpus.stream().allMatch(cpu -> cpus.containsAll(Linux.siblings(cpu)));
    }
}
