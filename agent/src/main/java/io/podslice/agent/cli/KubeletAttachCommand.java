package io.podslice.agent.cli;

import io.podslice.agent.config.Configuration;
import io.podslice.agent.kubelet.EndpointSwitch;
import io.podslice.agent.kubelet.KubeletException;
import io.podslice.agent.yaml.DocumentException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code podslice kubelet attach}. */
@Command(
        name = "attach",
        description = {
            "Point this node's kubelet at podslice: change the place that sets its endpoint, restart it, and verify through"
                    + " CRI and the kubelet's healthz. Pods run on. A node that is not sound in time is put back, by this"
                    + " command or, if it has ended, by a timer of systemd's.",
            "Exit status 0: attached; 1: not attached, and put back; 2: the command line or a file cannot be used."
        },
        mixinStandardHelpOptions = true)
final class KubeletAttachCommand implements Callable<Integer> {
    @Mixin
    private KubeletOptions options = new KubeletOptions();

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "120",
            description = "the time within which the node must be sound; default: 120")
    private int timeout = 120;

    @Option(
            names = "--settle",
            paramLabel = "SECONDS",
            defaultValue = "10",
            description = "the time for which it must be sound on end; default: 10")
    private int settle = 10;

    @Option(
            names = "--program",
            paramLabel = "FILE",
            description = "the podslice that the timer runs; default: /usr/bin/podslice or /opt/podslice/bin/podslice")
    private @Nullable Path program;

    @Option(names = "--force", description = "attach a kubelet whose own CPU, memory or topology manager is on")
    private boolean force;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before the call
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter err = spec.commandLine().getErr();
        if (timeout < 1 || settle < 0 || settle >= timeout) {
            err.println("podslice kubelet attach: --timeout " + timeout + ", --settle " + settle
                    + ": must be positive, and the time to settle below the time-out");
            return ExitCode.USAGE;
        }
        Configuration configuration;
        try {
            configuration = options.read();
        } catch (DocumentException e) {
            err.println(e.getMessage());
            return ExitCode.USAGE;
        }
        Optional<Path> undoer = program != null
                ? Optional.of(program.toAbsolutePath())
                : Stream.of(Path.of("/usr/bin/podslice"), Path.of("/opt/podslice/bin/podslice"))
                        .filter(Files::isExecutable)
                        .findFirst();
        if (undoer.isEmpty() || !Files.isExecutable(undoer.get())) {
            err.println(
                    "podslice kubelet attach: there is no program that the timer could run to put the node back; name it"
                            + " with --program");
            return ExitCode.USAGE;
        }
        try {
            KubeletOptions.here(configuration, spec.commandLine().getOut())
                    .attach(new EndpointSwitch.Options(
                            configuration.shim().listen().toString(),
                            Duration.ofSeconds(timeout),
                            Duration.ofSeconds(settle),
                            undo(undoer.get(), options.file()),
                            force));
            return ExitCode.OK;
        } catch (KubeletException | IOException e) {
            err.println("podslice kubelet attach: " + e.getMessage());
            return ExitCode.FAILED;
        }
    }

    private static List<String> undo(Path program, @Nullable Path config) {
        List<String> command = new ArrayList<>(List.of(program.toString(), "kubelet", "detach", "--if-unsound"));
        if (config != null) {
            command.addAll(List.of("--config", config.toAbsolutePath().toString()));
        }
        return command;
    }
}
