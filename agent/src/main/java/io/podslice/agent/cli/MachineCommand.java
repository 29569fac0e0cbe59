package io.podslice.agent.cli;

import io.podslice.agent.config.MachineFit;
import io.podslice.agent.machine.MachineArgument;
import io.podslice.agent.machine.MachineFile;
import io.podslice.agent.machine.MachineTable;
import io.podslice.agent.yaml.DocumentException;
import io.podslice.cgroups.machine.Machine;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code podslice machine}. */
@Command(
        name = "machine",
        description = {
            "Show a machine as podslice sees it, or write it into a file for \"podslice plan\".",
            "Exit status 0: done; 2: the machine cannot be read."
        },
        mixinStandardHelpOptions = true)
final class MachineCommand implements Callable<Integer> {
    @Option(
            names = {"--sysfs", "--machine"},
            paramLabel = "DIR|FILE|this",
            defaultValue = MachineArgument.THIS,
            description =
                    "a copy of /sys, a machine file, the XML of hwloc (lstopo --of xml), or this machine, which is the default")
    private String machine = MachineArgument.THIS;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "table|json",
            defaultValue = "table",
            description = "table for people, json for programs and as a machine file; default: table")
    private OutputFormat output = OutputFormat.TABLE;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before the call
    private CommandSpec spec;

    @Override
    public Integer call() {
        Machine read;
        try {
            Machine given = MachineArgument.read(machine);
            read = machine.equals(MachineArgument.THIS)
                    ? MachineFit.usable(NodeSocketOptions.configuration(null), given)
                    : given;
        } catch (DocumentException e) {
            spec.commandLine().getErr().println(e.getMessage());
            return ExitCode.USAGE;
        }
        spec.commandLine()
                .getOut()
                .print(
                        switch (output) {
                            case TABLE -> MachineTable.text(read);
                            case JSON -> MachineFile.text(read);
                        });
        return ExitCode.OK;
    }
}
