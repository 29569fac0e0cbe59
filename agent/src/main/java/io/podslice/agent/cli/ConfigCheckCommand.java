package io.podslice.agent.cli;

import io.podslice.agent.config.ConfigurationFile;
import io.podslice.agent.yaml.Remark;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code podslice config check FILE}. */
@Command(
        name = "check",
        description = {
            "Check a configuration file: print every error with its line, and every key that has no effect yet.",
            "Exit status 0: podslice can start with it; 1: it cannot; 2: the file cannot be read."
        })
final class ConfigCheckCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FILE", description = "the configuration file")
    @SuppressWarnings("NullAway.Init") // picocli insists on it
    private Path file;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before the call
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter err = spec.commandLine().getErr();
        ConfigurationFile read;
        try {
            read = ConfigurationFile.read(file);
        } catch (IOException e) {
            err.println("error: " + e.getMessage());
            return ExitCode.USAGE;
        }
        for (Remark error : read.errors()) {
            err.println("error: " + error.text(file.toString()));
        }
        for (Remark note : read.notes()) {
            err.println("note: " + note.text(file.toString()));
        }
        if (!read.errors().isEmpty()) {
            return ExitCode.FAILED;
        }
        spec.commandLine().getOut().println(file + ": ok");
        return ExitCode.OK;
    }
}
