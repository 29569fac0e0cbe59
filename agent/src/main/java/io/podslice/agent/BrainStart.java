package io.podslice.agent;

import io.podslice.agent.config.Configuration;
import io.podslice.agent.config.DriverFit;
import io.podslice.agent.config.MachineFit;
import io.podslice.cgroups.Cgroup2Mount;
import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.placement.PodPlacer;
import io.podslice.node.NodeConfig;
import io.podslice.node.NodeMeter;
import io.podslice.node.NodeSources;
import io.podslice.node.StateException;
import io.podslice.node.brain.Brain;
import io.podslice.node.brain.NodeBrain;
import io.podslice.node.brain.NothingEnforced;
import io.podslice.node.brain.StateFolder;
import io.podslice.shim.runtime.RuntimeContainers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens the brain on a node.
 *
 * @param hold locks the folder of the state
 * @param fitted finds the configuration that fits the machine
 * @param systemd the way to systemd, if the node's cgroup driver is systemd
 * @param meter counts what the brain does
 * @param sources what the cluster knows of pods
 */
record BrainStart(StateHold hold, FittedMachine fitted, SystemdLink systemd, NodeMeter meter, NodeSources sources) {
    private static final Logger LOG = LoggerFactory.getLogger(BrainStart.class);

    /** The reason for which pods are refused on a node without a configuration that can be enforced. */
    static final String MISCONFIGURED = "ConfigurationInvalid";

    /** Returns the brain of a node without a configuration that can be enforced. */
    static Brain misconfigured(List<String> problems) {
        return new NothingEnforced(MISCONFIGURED, String.join("; ", problems));
    }

    /**
     * Opens it on this machine; without cgroup v2 nothing is enforced, and the log says so.
     *
     * @throws StartException if the configuration does not fit the machine and podslice need not serve, the machine cannot
     *     be read, or the state cannot be kept
     */
    Brain onThisMachine(Configuration configuration) {
        Configuration.Cgroups paths = configuration.cgroups();
        Optional<String> problem = Cgroup2Mount.problem(paths.root(), "cgroups.root");
        if (problem.isPresent()) {
            LOG.error("{}; pods that ask something of podslice are refused, others pass", problem.get());
            return NothingEnforced.withoutCgroups(problem.get());
        }
        AgentParts parts = ThisMachine.parts(configuration);
        LOG.info(
                "{} CPUs on NUMA nodes {}",
                parts.machine().cpus().size(),
                parts.machine().memory().keySet());
        return on(configuration, parts, ThisMachine.driver(configuration, parts.files()));
    }

    /** Opens it on given parts; where no configuration fits their machine, nothing is enforced. */
    Brain on(Configuration wanted, AgentParts parts, DriverFit driver) {
        return managing(wanted, parts, driver)
                .<Brain>map(brain -> brain)
                .orElseGet(() -> misconfigured(fitted.problems()));
    }

    /**
     * Opens it on given parts; empty where no configuration fits their machine.
     *
     * @param wanted the configuration, unless the machine lacks what it asks for
     * @param driver the node's cgroup driver
     */
    Optional<NodeBrain> managing(Configuration wanted, AgentParts parts, DriverFit driver) {
        Machine usable = MachineFit.usable(parts.machine(), parts.files(), driver.kubepods());
        return fitted.fit(wanted, usable).map(configuration -> open(configuration, parts, driver));
    }

    private NodeBrain open(Configuration configuration, AgentParts parts, DriverFit driver) {
        NodeConfig config =
                configuration.nodeConfig(configuration.policy(), driver.layout(), parts.machine(), parts.pageBytes());
        StateFolder store = store(configuration, parts.clock());
        hold.acquire(configuration.stateDir());
        return new NodeBrain(
                config,
                parts.machine(),
                parts.source(),
                systemd.files(driver, parts.files(), parts.systemd()),
                new PodPlacer(parts.machine(), config.policy()),
                parts.devices(),
                parts.sources().orElse(sources),
                store,
                parts.clock(),
                parts.listener(),
                new RuntimeContainers(ThisMachine.runtime(configuration.shim())),
                NodeBrain.MEMORY_WAIT,
                meter);
    }

    private StateFolder store(Configuration configuration, Clock clock) {
        try {
            return new StateFolder(
                    StateFolder.disk(configuration.stateDir()),
                    clock,
                    bootId(configuration.cgroups().procfs()),
                    meter);
        } catch (StateException e) {
            throw StartException.failed("state.dir " + configuration.stateDir() + ": " + e.reason(), e);
        }
    }

    /** Reads the id of this boot; empty where the kernel does not tell it. */
    private static String bootId(Path procfs) {
        Path file = procfs.resolve("sys/kernel/random/boot_id");
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            LOG.warn(
                    "{}: {}; podslice cannot tell by it whether its saved state is from before a reboot",
                    file,
                    e.toString());
            return "";
        }
    }
}
