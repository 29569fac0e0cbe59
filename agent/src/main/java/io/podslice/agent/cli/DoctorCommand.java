package io.podslice.agent.cli;

import io.podslice.agent.doctor.LiveProbes;
import io.podslice.agent.doctor.NodeReader;
import io.podslice.agent.doctor.Report;
import io.podslice.agent.host.HostFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code podslice doctor}. */
@Command(
        name = "doctor",
        description = {
            "Look at this node and tell what keeps podslice from working, each fault with what to do: kernel, cgroups, runtime"
                    + " and its NRI, the kubelet's managers and endpoint, sockets, versions, running pods that would be"
                    + " refused. Changes nothing; run it as root.",
            "Exit status 0: sound; 1: faults were found; 2: the command line cannot be used."
        },
        mixinStandardHelpOptions = true)
final class DoctorCommand implements Callable<Integer> {
    @Option(
            names = "--root",
            paramLabel = "DIR",
            defaultValue = "/",
            description = "the folder that is the node's root; default: /")
    private Path root = Path.of("/");

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "the configuration's path on the node; default: " + NodeReader.CONFIG
                    + ", or the default configuration where that is not there")
    private @Nullable String config;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "table|json",
            defaultValue = "table",
            description = "table for people, json for programs; default: table")
    private OutputFormat output = OutputFormat.TABLE;

    @Option(names = "--json", description = "short for --output json")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before the call
    private CommandSpec spec;

    @Override
    public Integer call() {
        if (!Files.isDirectory(root)) {
            spec.commandLine().getErr().println("podslice doctor: --root " + root + ": is no folder");
            return ExitCode.USAGE;
        }
        if (config != null && !config.startsWith("/")) {
            spec.commandLine().getErr().println("podslice doctor: --config " + config + ": must be an absolute path");
            return ExitCode.USAGE;
        }
        Report report = Report.of(new NodeReader(new HostFiles(root), new LiveProbes(), Version.number()).read(config));
        boolean asJson = json || output == OutputFormat.JSON;
        spec.commandLine().getOut().print(asJson ? report.json() : report.text());
        spec.commandLine().getOut().flush();
        return report.isSound() ? ExitCode.OK : ExitCode.FAILED;
    }
}
