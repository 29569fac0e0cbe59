package io.podslice.agent.cli;

import java.io.PrintWriter;
import java.util.ServiceLoader;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;

/** The command line as a whole, with all subcommands. */
@Command(
        name = "podslice",
        description = "Makes the pod the unit of CPU and memory on a Kubernetes node.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            ServeCommand.class,
            ConfigCommand.class,
            MachineCommand.class,
            PlanCommand.class,
            MapCommand.class,
            StatusCommand.class,
            PublishCommand.class,
            ResizeCommand.class,
            DoctorCommand.class,
            KubeletCommand.class,
            NriCommand.class,
            ReleaseCommand.class,
            GatherCommand.class,
            InstallCommand.class,
            UninstallCommand.class,
            HelpCommand.class
        })
final class Podslice {

    private Podslice() {}

    /**
     * Runs one command line.
     *
     * @return the exit status, one of {@link ExitCode}
     */
    public static int run(String[] args, PrintWriter out, PrintWriter err) {
        CommandLine line = new CommandLine(new Podslice());
        for (Subcommand subcommand : ServiceLoader.load(Subcommand.class)) {
            line.addSubcommand(subcommand);
        }
        CommandLine completion = new CommandLine(new AutoComplete.GenerateCompletion());
        completion.getCommandSpec().name("completion");
        line.addSubcommand(completion);
        return line.registerConverter(OutputFormat.class, OutputFormat::of)
                .setOut(out)
                .setErr(err)
                .setExecutionExceptionHandler((failure, at, parsed) -> {
                    at.getErr().println(at.getCommandSpec().qualifiedName() + ": " + failure);
                    return ExitCode.FAILED;
                })
                .execute(args);
    }
}
