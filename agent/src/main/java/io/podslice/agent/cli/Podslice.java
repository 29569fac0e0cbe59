package io.podslice.agent.cli;

import java.io.PrintWriter;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.function.Supplier;
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
        synopsisSubcommandLabel = "COMMAND")
final class Podslice {
    /**
     * The program's own commands by name, in the order of the usage text. Each is made when it is needed: to read the options of
     * all of them takes most of a command's time.
     */
    static final Map<String, Supplier<Object>> COMMANDS = Collections.unmodifiableMap(commands());

    private Podslice() {}

    private static Map<String, Supplier<Object>> commands() {
        Map<String, Supplier<Object>> commands = new LinkedHashMap<>();
        commands.put("serve", ServeCommand::new);
        commands.put("config", ConfigCommand::new);
        commands.put("machine", MachineCommand::new);
        commands.put("plan", PlanCommand::new);
        commands.put("map", MapCommand::new);
        commands.put("status", StatusCommand::new);
        commands.put("replay", ReplayCommand::new);
        commands.put("publish", PublishCommand::new);
        commands.put("fleet", FleetCommand::new);
        commands.put("resize", ResizeCommand::new);
        commands.put("doctor", DoctorCommand::new);
        commands.put("kubelet", KubeletCommand::new);
        commands.put("nri", NriCommand::new);
        commands.put("release", ReleaseCommand::new);
        commands.put("gather", GatherCommand::new);
        commands.put("install", InstallCommand::new);
        commands.put("uninstall", UninstallCommand::new);
        commands.put("help", HelpCommand::new);
        return commands;
    }

    /** Returns the command line as far as these arguments need it: with the command that they name, else with all. */
    private static CommandLine line(String[] args) {
        CommandLine line = new CommandLine(new Podslice());
        String first = args.length == 0 ? "" : args[0];
        Supplier<Object> named = first.equals("help") ? null : COMMANDS.get(first);
        if (named != null) {
            return line.addSubcommand(named.get());
        }
        COMMANDS.values().forEach(command -> line.addSubcommand(command.get()));
        for (Subcommand subcommand : ServiceLoader.load(Subcommand.class)) {
            line.addSubcommand(subcommand);
        }
        CommandLine completion = new CommandLine(new AutoComplete.GenerateCompletion());
        completion.getCommandSpec().name("completion");
        return line.addSubcommand(completion);
    }

    /**
     * Runs one command line.
     *
     * @return the exit status, one of {@link ExitCode}
     */
    public static int run(String[] args, PrintWriter out, PrintWriter err) {
        return line(args)
                .registerConverter(OutputFormat.class, OutputFormat::of)
                .setOut(out)
                .setErr(err)
                .setExecutionExceptionHandler((failure, at, parsed) -> {
                    at.getErr().println(at.getCommandSpec().qualifiedName() + ": " + failure);
                    return ExitCode.FAILED;
                })
                .execute(args);
    }
}
