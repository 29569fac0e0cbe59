package io.podslice.agent;

import io.podslice.agent.config.Configuration;
import io.podslice.agent.config.MachineFit;
import io.podslice.cgroups.machine.Machine;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The machine as it was when the brain opened, and what the configuration asked of it in vain. */
final class FittedMachine {
    private static final Logger LOG = LoggerFactory.getLogger(FittedMachine.class);

    private final StartMode mode;
    private volatile @Nullable Machine machine;
    private volatile List<String> problems = List.of();

    FittedMachine(StartMode mode) {
        this.mode = mode;
    }

    /**
     * Returns the configuration to open the brain with; empty where none fits.
     *
     * @param usable the machine without the CPUs that pods may not use
     * @throws StartException if the wanted one does not fit, and podslice need not serve
     */
    Optional<Configuration> fit(Configuration wanted, Machine usable) {
        machine = usable;
        MachineFit.Choice choice = MachineFit.choose(wanted, mode.good(), usable);
        problems = choice.problems();
        if (problems.isEmpty()) {
            return choice.configuration();
        }
        if (!mode.keepsServing()) {
            throw StartException.misconfigured(problems);
        }
        problems.forEach(problem -> LOG.error("{}", problem));
        LOG.error(
                choice.configuration().isPresent()
                        ? "podslice serves without what this machine does not have"
                        : "nothing is enforced: pods that ask something of podslice are refused, others pass");
        return choice.configuration();
    }

    /** Returns what the configuration asked in vain. */
    List<String> problems() {
        return problems;
    }

    /** Lists what another configuration asks for and the machine does not have; nothing where it is not known. */
    List<String> misfits(Configuration configuration) {
        Machine known = machine;
        return known == null ? List.of() : MachineFit.problems(configuration, known);
    }
}
