package io.podslice.agent.cli;

import io.podslice.agent.config.ConfigurationFile;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code podslice config default}. */
@Command(
        name = "default",
        description = "Print the default configuration, with comments.",
        mixinStandardHelpOptions = true)
final class ConfigDefaultCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before the call
    private CommandSpec spec;

    @Override
    public Integer call() {
        spec.commandLine().getOut().print(ConfigurationFile.defaults());
        return ExitCode.OK;
    }
}
