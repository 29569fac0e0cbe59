package io.podslice.agent.cli;

import io.podslice.agent.config.Configuration;
import io.podslice.agent.config.MachineFit;
import io.podslice.agent.machine.MachineArgument;
import io.podslice.agent.manifest.Pod;
import io.podslice.agent.plan.NodePlan;
import io.podslice.agent.yaml.DocumentException;
import io.podslice.cgroups.machine.Machine;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The machine and the configuration that a command plans with. */
final class PlanInput {
    private final boolean isThis;
    private final Machine machine;
    private final Configuration configuration;
    private final long pageBytes;

    /**
     * Reads machine and configuration.
     *
     * @param machine names the machine, as {@link MachineArgument} reads it
     * @param config the configuration file; null for the default configuration
     * @param err gets notes about what is right but deserves attention
     * @throws DocumentException if one of them cannot be used, or they do not fit
     */
    PlanInput(String machine, @Nullable Path config, PrintWriter err) throws DocumentException {
        Machine given = MachineArgument.read(machine);
        this.configuration = NodeSocketOptions.configuration(config);
        this.isThis = machine.equals(MachineArgument.THIS);
        this.machine = isThis ? MachineFit.usable(configuration, given) : given;
        String name = config == null ? "configuration" : config.toString();
        List<String> problems = MachineFit.problems(configuration, this.machine);
        if (!problems.isEmpty()) {
            throw new DocumentException(
                    problems.stream().map(problem -> name + ": " + problem).toList());
        }
        this.machine.barredText().ifPresent(what -> err.println("note: " + what));
        MachineFit.unchecked(configuration, this.machine).ifPresent(what -> err.println("note: " + name + ": " + what));
        this.pageBytes = MachineArgument.pageBytes(machine);
    }

    /** Plans pods, in the order in which they come. */
    NodePlan plan(List<Pod> pods) {
        return isThis
                ? NodePlan.of(machine, configuration, MachineFit.layout(configuration), pods, pageBytes)
                : NodePlan.of(machine, configuration, pods, pageBytes);
    }
}
