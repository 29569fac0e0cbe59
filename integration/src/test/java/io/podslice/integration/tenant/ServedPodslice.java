package io.podslice.integration.tenant;

import io.podslice.agent.Agent;
import io.podslice.agent.AgentParts;
import io.podslice.agent.config.Configuration;
import io.podslice.agent.config.ConfigurationFile;
import io.podslice.cgroups.machine.Machine;
import io.podslice.node.PlanListener;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.CountDownLatch;

/** {@code podslice serve} on the simulated kernel of another process; runs until it is killed. */
final class ServedPodslice {
    static final Machine MACHINE = Machine.regular(2, 1, 8, 2, 32L << 30);

    private ServedPodslice() {}

    /**
     * Serves.
     *
     * @param args the configuration file, and the socket of a {@link KernelDoor}
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        ConfigurationFile file = ConfigurationFile.read(Path.of(args[0]));
        if (!file.errors().isEmpty()) {
            throw new IllegalArgumentException(file.errors().getFirst().text(args[0]));
        }
        Configuration configuration = file.configuration();
        RemoteCgroups kernel = new RemoteCgroups(Path.of(args[1]));
        var _ = new Agent(configuration, new AgentParts(kernel, MACHINE, Clock.systemUTC(), PlanListener.NONE));
        new CountDownLatch(1).await();
    }
}
