package io.podslice.agent.cli;

import io.podslice.agent.containerd.NriDropIn;
import io.podslice.agent.host.HostFiles;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The options of the commands about containerd's NRI. */
final class NriOptions {
    @Option(
            names = "--root",
            paramLabel = "DIR",
            defaultValue = "/",
            description = "the folder that is the node's root; default: /")
    private Path root = Path.of("/");

    @Option(
            names = "--containerd-config",
            paramLabel = "FILE",
            defaultValue = NriDropIn.CONFIG,
            description = "containerd's configuration on the node; default: " + NriDropIn.CONFIG)
    private String containerd = NriDropIn.CONFIG;

    /** A use of the drop-in. */
    interface Use {
        NriDropIn.Outcome with(NriDropIn dropIn) throws IOException;
    }

    /** Returns the node's files. */
    HostFiles files() {
        return new HostFiles(root);
    }

    /** Runs a command; returns its exit status. */
    int run(String command, PrintWriter out, PrintWriter err, Use use) {
        if (!containerd.startsWith("/")) {
            err.println(
                    "podslice nri " + command + ": --containerd-config " + containerd + ": must be an absolute path");
            return ExitCode.USAGE;
        }
        try {
            NriDropIn.Outcome outcome = use.with(new NriDropIn(files(), containerd));
            outcome.lines().forEach(outcome.isDone() ? out::println : err::println);
            return outcome.isDone() ? ExitCode.OK : ExitCode.FAILED;
        } catch (IOException e) {
            err.println("podslice nri " + command + ": " + e.getMessage());
            return ExitCode.FAILED;
        }
    }
}
