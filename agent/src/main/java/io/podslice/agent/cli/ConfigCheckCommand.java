package io.podslice.agent.cli;

import io.podslice.agent.config.Configuration;
import io.podslice.agent.config.ConfigurationFile;
import io.podslice.agent.config.Judgement;
import io.podslice.agent.config.LastGood;
import io.podslice.agent.config.MachineFit;
import io.podslice.agent.machine.MachineArgument;
import io.podslice.agent.yaml.DocumentException;
import io.podslice.agent.yaml.Remark;
import io.podslice.cgroups.Cgroup2Mount;
import io.podslice.cgroups.machine.Machine;
import io.podslice.cgroups.machine.SysfsMachine;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code podslice config check FILE}. */
@Command(
        name = "check",
        description = {
            "Check a configuration file, by itself and against a machine: print every error with its line,"
                    + " everything it asks for that the machine cannot give, and every key that has no effect.",
            "Exit status 0: podslice can start with it; 1: it cannot; 2: a file cannot be read."
        },
        mixinStandardHelpOptions = true)
final class ConfigCheckCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FILE", description = "the configuration file")
    @SuppressWarnings("NullAway.Init") // picocli requires the parameter
    private Path file;

    @Option(
            names = "--machine",
            paramLabel = "FILE|DIR|this",
            description =
                    "the machine that will run it: a machine file (see \"podslice machine\"), a copy of /sys, or this"
                            + " machine; default: the machine at the configuration's cgroups.sysfs and cgroups.procfs")
    private @Nullable String machine;

    @Option(
            names = "--running",
            description =
                    "report as a podslice that runs here judges at a reload: a mistake in a key that has not changed since"
                            + " the last good file, which is in state.dir, is a note")
    private boolean running;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before the call
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter err = spec.commandLine().getErr();
        ConfigurationFile read;
        Machine given;
        try {
            read = ConfigurationFile.read(file);
            given = machine == null ? null : MachineArgument.read(machine);
        } catch (IOException | DocumentException e) {
            err.println("error: " + e.getMessage());
            return ExitCode.USAGE;
        }
        Optional<ConfigurationFile> good =
                running ? LastGood.read(read.configuration().stateDir()) : Optional.empty();
        Judgement judgement = Judgement.of(read, good);
        for (Remark error : judgement.refused()) {
            err.println("error: " + error.text(file.toString()));
        }
        for (Remark error : judgement.tolerated()) {
            err.println("note: " + error.text(file.toString()) + "; it has not changed");
        }
        for (Remark note : read.notes()) {
            err.println("note: " + note.text(file.toString()));
        }
        if (!judgement.refused().isEmpty()) {
            return ExitCode.FAILED;
        }
        Configuration configuration = judgement.configuration();
        Machine on = given == null
                ? configured(configuration, err)
                : MachineArgument.THIS.equals(machine) ? MachineFit.usable(configuration, given) : given;
        List<String> problems = new ArrayList<>(on == null ? List.of() : MachineFit.problems(configuration, on));
        if (on != null) {
            good.ifPresent(last -> problems.removeAll(MachineFit.problems(last.configuration(), on)));
        }
        if (!problems.isEmpty()) {
            problems.forEach(problem -> err.println("error: " + file + ": " + problem));
            return ExitCode.FAILED;
        }
        if (on != null) {
            on.barredText().ifPresent(what -> err.println("note: " + what));
            MachineFit.unchecked(configuration, on).ifPresent(what -> err.println("note: " + file + ": " + what));
        }
        if (machine == null || machine.equals(MachineArgument.THIS)) {
            Cgroup2Mount.problem(configuration.cgroups().root(), "cgroups.root")
                    .ifPresent(what -> err.println("note: " + file + ": " + what
                            + "; here pods that ask something of podslice would be refused, others would pass"));
        }
        spec.commandLine().getOut().println(file + ": ok");
        return ExitCode.OK;
    }

    /** Reads the machine that {@code serve} would read; null where it cannot be read, and a note then says so. */
    private @Nullable Machine configured(Configuration configuration, PrintWriter err) {
        Configuration.Cgroups paths = configuration.cgroups();
        try {
            return MachineFit.usable(configuration, SysfsMachine.read(paths.sysfs(), paths.procfs()));
        } catch (IOException e) {
            err.println("note: " + file
                    + ": reservedSystemCPUs, reservedMemory and cpuManagerPolicyOptions are not checked"
                    + " against a machine: cgroups.sysfs " + paths.sysfs() + " cannot be read: " + e.getMessage()
                    + "; name a machine with --machine");
            return null;
        }
    }
}
