package io.podslice.integration.bench;

import io.podslice.agent.Agent;
import io.podslice.agent.AgentParts;
import io.podslice.agent.cli.HeapRest;
import io.podslice.agent.config.ConfigurationFile;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.machine.Machine;
import io.podslice.node.PlanListener;
import io.podslice.simulator.kernel.SimulatedCgroups;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.CountDownLatch;

/** {@code podslice serve} on a simulated kernel, for machines whose own has no cgroup v2; runs until it is killed. */
final class SimulatedServe {
    private static final Machine MACHINE = Machine.regular(2, 1, 8, 2, 32L << 30);

    private SimulatedServe() {}

    /** Serves with the configuration file that is the first argument. */
    public static void main(String[] args) throws IOException, InterruptedException {
        ConfigurationFile file = ConfigurationFile.read(Path.of(args[0]));
        if (!file.errors().isEmpty()) {
            throw new IllegalArgumentException(file.errors().getFirst().text(args[0]));
        }
        SimulatedCgroups kernel = new SimulatedCgroups(MACHINE);
        CgroupPath kubepods = new CgroupPath("/kubepods");
        for (CgroupPath path : new CgroupPath[] {kubepods, kubepods.child("burstable"), kubepods.child("besteffort")}) {
            kernel.create(path);
            kernel.write(path.parent().orElse(CgroupPath.ROOT), "cgroup.subtree_control", "+cpu +cpuset +memory");
        }
        var _ = new Agent(file.configuration(), new AgentParts(kernel, MACHINE, Clock.systemUTC(), PlanListener.NONE));
        HeapRest.start();
        new CountDownLatch(1).await();
    }
}
