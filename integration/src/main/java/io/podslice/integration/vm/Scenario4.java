package io.podslice.integration.vm;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.podslice.proto.cri.v1.UpdateContainerResourcesRequest;
import io.podslice.simulator.cri.CriClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Memory protection under TieredReservation with a throttling factor of 0.9: the values of a Guaranteed, a Burstable
 * and a BestEffort pod, of their containers and of the cgroups above them; the sums, which fall as pods go; and the
 * removal of all protection from running pods once podslice is started with the policy None.
 */
public final class Scenario4 {
    private static final String KUBEPODS = CgroupNames.here().directory("/kubepods");
    private static final String BURSTABLE = CgroupNames.here().directory("/kubepods/burstable");
    private static final String BEST_EFFORT = CgroupNames.here().directory("/kubepods/besteffort");
    private static final double FACTOR = 0.9;
    private static final long MI = 1L << 20;
    private static final long PAGE = 4096;

    private final Findings findings;
    private final CriClient cri;
    private final Path files;

    private Scenario4(Findings findings, CriClient cri, Path files) {
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
            new Scenario4(findings, cri, Path.of(args[1])).run();
        }
        System.exit(findings.allHold() ? 0 : 1);
    }

    private void run() throws IOException, InterruptedException {
        Pod guaranteed = Pod.run(cri, files.resolve("protected-pod"), List.of("app"));
        Pod burstable = Pod.run(cri, files.resolve("throttled-pod"), List.of("app"));
        Pod bestEffort = Pod.run(cri, files.resolve("besteffort-pod"), List.of("app"));

        says("the root of all pods", KUBEPODS, 96 * MI + 128 * MI, 128 * MI, 0);
        says("the Burstable class", BURSTABLE, 0, 128 * MI, 0);
        says("the BestEffort class", BEST_EFFORT, 0, 0, 0);
        says("the Guaranteed pod", guaranteed.cgroup(), 96 * MI, 0, 0);
        says("its container", guaranteed.cgroup("app"), 96 * MI, 0, 0);
        says("the Burstable pod", burstable.cgroup(), 0, 128 * MI, between(128 * MI, 256 * MI));
        says("its container", burstable.cgroup("app"), 0, 64 * MI, between(64 * MI, 256 * MI));
        findings.equal(
                "its container's limit is the pod's",
                Long.toString(256 * MI),
                Linux.cgroup(burstable.cgroup("app"), "memory.max"));
        says("the BestEffort pod", bestEffort.cgroup(), 0, 0, 0);
        says("its container", bestEffort.cgroup("app"), 0, 0, between(0, Linux.memoryBytes()));
        scores(guaranteed, burstable, bestEffort);

        Pod second = Pod.run(cri, files.resolve("budget-pod"), List.of("pinned"));
        says("the root of all pods with one more", KUBEPODS, (96 + 128 + 1024) * MI, 128 * MI, 0);
        second.remove();
        says("the root of all pods after it has gone", KUBEPODS, (96 + 128) * MI, 128 * MI, 0);
        bestEffort.remove();

        restart();
        for (String cgroup : Linux.below(KUBEPODS)) {
            says("with the policy None " + cgroup, cgroup, 0, 0, 0);
        }
        findings.check(
                "both pods still run",
                Linux.hasCgroup(guaranteed.cgroup("app")) && Linux.hasCgroup(burstable.cgroup("app")),
                Linux.below(KUBEPODS).size() + " cgroups");
        guaranteed.remove();
        burstable.remove();
    }

    /** @param high memory.high in bytes; 0 for {@code max} */
    private void says(String who, String cgroup, long min, long low, long high) {
        findings.equal(who + " has memory.min", Long.toString(min), Linux.cgroup(cgroup, "memory.min"));
        findings.equal(who + " has memory.low", Long.toString(low), Linux.cgroup(cgroup, "memory.low"));
        findings.equal(
                who + " has memory.high", high == 0 ? "max" : Long.toString(high), Linux.cgroup(cgroup, "memory.high"));
    }

    /** Returns memory.high between a request and a limit, in bytes, by the formula of KEP-2570. */
    private static long between(long request, long limit) {
        return (long) Math.floor((request + FACTOR * (limit - request)) / PAGE) * PAGE;
    }

    private void scores(Pod guaranteed, Pod burstable, Pod bestEffort) {
        long beyond = 1000 - 1000 * (64 * MI + 64 * MI) / Linux.memoryBytes();
        findings.equal("the Guaranteed pod's process dies last", -997L, guaranteed.oomScoreAdj("app"));
        findings.equal("the Burstable pod's by what it asks for", beyond, burstable.oomScoreAdj("app"));
        findings.equal("the BestEffort pod's first", 1000L, bestEffort.oomScoreAdj("app"));
    }

    /** Ends podslice; the script starts it with the next configuration. */
    private void restart() throws IOException, InterruptedException {
        Path pidFile = Path.of("/run/podslice.pid");
        String before = Files.readString(pidFile).strip();
        ProcessHandle podslice = ProcessHandle.of(Long.parseLong(before)).orElseThrow();
        findings.check("podslice ends when it is told to", podslice.destroy(), before);
        long deadline = System.nanoTime() + Patience.OF_A_STEP.toNanos();
        while (Files.readString(pidFile).strip().equals(before) || !isOpen()) {
            if (System.nanoTime() > deadline) {
                throw new IOException("podslice did not come back in " + Patience.OF_A_STEP);
            }
            Thread.sleep(200);
        }
    }

    /**
     * Returns true once podslice has opened its state: before that it decides no call, not even one for an unknown
     * container.
     */
    private boolean isOpen() {
        try {
            var _ = cri.runtime()
                    .updateContainerResources(UpdateContainerResourcesRequest.newBuilder()
                            .setContainerId("none")
                            .build());
            return true;
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode() == Status.Code.NOT_FOUND;
        }
    }
}
