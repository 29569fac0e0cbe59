package io.podslice.agent;

import io.podslice.agent.config.Configuration;
import io.podslice.agent.config.DriverFit;
import io.podslice.cgroups.Cgroup2Mount;
import io.podslice.node.NodeMeter;
import io.podslice.node.NodeSources;
import java.util.List;
import java.util.Optional;

/**
 * Gives the cgroups of a node on which no podslice runs back to kubelet and runtime: the saved state is read, an unfinished change is
 * taken back, and then all is given back by one change, journaled like any other.
 */
public final class NodeRelease {
    private NodeRelease() {}

    /**
     * Releases this node.
     *
     * @return the writes, a line each
     * @throws StartException if a podslice runs, the state cannot be read, or the configuration does not fit the machine
     * @throws io.podslice.cgroups.CgroupException if the kernel refuses a write; nothing has changed
     * @throws io.podslice.node.StateException if the change cannot be saved; nothing has changed
     */
    public static List<String> onThisNode(Configuration configuration) {
        Optional<String> problem = Cgroup2Mount.problem(configuration.cgroups().root(), "cgroups.root");
        if (problem.isPresent()) {
            return List.of(); // Without cgroup v2 podslice has written nothing.
        }
        AgentParts parts = ThisMachine.parts(configuration);
        return of(configuration, parts, ThisMachine.driver(configuration, parts.files()));
    }

    /**
     * Releases a node that is given by its parts.
     *
     * @param driver the node's cgroup driver
     * @return the writes, a line each
     */
    public static List<String> of(Configuration configuration, AgentParts parts, DriverFit driver) {
        try (StateHold hold = new StateHold();
                SystemdLink systemd = new SystemdLink()) {
            FittedMachine fitted = new FittedMachine(StartMode.STRICT);
            return new BrainStart(hold, fitted, systemd, NodeMeter.NONE, NodeSources.NONE)
                    .managing(configuration, parts, driver)
                    .orElseThrow(() -> StartException.misconfigured(fitted.problems()))
                    .release();
        }
    }
}
