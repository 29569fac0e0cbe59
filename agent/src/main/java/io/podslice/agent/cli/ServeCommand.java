package io.podslice.agent.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code podslice serve} as help and completion know it, and for every spelling that {@link ServeLine} does not read.
 */
@Command(
        name = "serve",
        description = {
            "Listen in front of the container runtime until told to end (SIGTERM, SIGINT).",
            "Exit status 0: ended as told; 1: it could not listen; 2: the configuration is wrong;"
                    + " 3: an Error ended it at once, such as that no memory or no thread could be had."
        },
        mixinStandardHelpOptions = true)
final class ServeCommand implements Callable<Integer> {
    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "the configuration file; default: the default configuration")
    private @Nullable Path config;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before the call
    private CommandSpec spec;

    @Override
    public Integer call() {
        return new Serve(spec.commandLine().getErr()).run(config);
    }
}
