package io.podslice.agent.cli;

import io.podslice.agent.config.Configuration;
import io.podslice.agent.doctor.LiveProbes;
import io.podslice.agent.host.HostFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code podslice nri enable}. */
@Command(
        name = "enable",
        description = {
            "Turn NRI on where containerd 2 has it off: write a drop-in into the folder that its configuration imports. For"
                    + " containerd 1.7, or where nothing is imported, say what to add. Does not restart containerd.",
            "Exit status 0: NRI is on, or is with containerd's next start; 1: a line must be added by hand, or a file"
                    + " cannot be used; 2: the command line cannot be used."
        },
        mixinStandardHelpOptions = true)
final class NriEnableCommand implements Callable<Integer> {
    private static final Pattern MAJOR = Pattern.compile("v?(\\d{1,4})\\..*");

    @Mixin
    private NriOptions options = new NriOptions();

    @Option(
            names = "--containerd-version",
            paramLabel = "VERSION",
            description =
                    "containerd's version, e.g. 2.1.9; default: that of the one that runs, else by its configuration")
    private String version = "";

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before the call
    private CommandSpec spec;

    @Override
    public Integer call() {
        String given = version.isEmpty() ? running(options.files()) : version;
        Matcher major = MAJOR.matcher(given);
        if (!version.isEmpty() && !major.matches()) {
            spec.commandLine()
                    .getErr()
                    .println("podslice nri enable: --containerd-version \"" + version
                            + "\": must be a version, e.g. 2.1.9");
            return ExitCode.USAGE;
        }
        int number = major.matches() ? Integer.parseInt(major.group(1)) : 0;
        return options.run(
                "enable", spec.commandLine().getOut(), spec.commandLine().getErr(), dropIn -> dropIn.enable(number));
    }

    /** Returns the version of the runtime that runs; empty if none answers, as on a copy of a node's files. */
    private static String running(HostFiles files) {
        Path socket = files.at(Configuration.DEFAULT.shim().runtime().toString());
        try {
            return new LiveProbes().runtime(socket).version();
        } catch (IOException | IllegalArgumentException notThere) {
            return "";
        }
    }
}
