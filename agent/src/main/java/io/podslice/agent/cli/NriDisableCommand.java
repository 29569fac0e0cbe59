package io.podslice.agent.cli;

import io.podslice.agent.containerd.NriDropIn;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code podslice nri disable}. */
@Command(
        name = "disable",
        description = {
            "Take away the drop-in that \"podslice nri enable\" has written. Does not restart containerd.",
            "Exit status 0: done; 1: a file cannot be used; 2: the command line cannot be used."
        },
        mixinStandardHelpOptions = true)
final class NriDisableCommand implements Callable<Integer> {
    @Mixin
    private NriOptions options = new NriOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before the call
    private CommandSpec spec;

    @Override
    public Integer call() {
        return options.run(
                "disable", spec.commandLine().getOut(), spec.commandLine().getErr(), NriDropIn::disable);
    }
}
