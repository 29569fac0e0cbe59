package io.podslice.agent.cli;

import io.podslice.agent.config.ConfigurationSchema;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code podslice config schema}. */
@Command(
        name = "schema",
        description = "Print the JSON Schema (2020-12) of a configuration file, for editors.",
        mixinStandardHelpOptions = true)
final class ConfigSchemaCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before the call
    private CommandSpec spec;

    @Override
    public Integer call() {
        spec.commandLine().getOut().print(ConfigurationSchema.text());
        return ExitCode.OK;
    }
}
