package io.podslice.agent.cli;

import io.podslice.agent.install.InstallException;
import io.podslice.agent.install.Removal;
import io.podslice.agent.install.SystemdHost;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code podslice uninstall}. */
@Command(
        name = "uninstall",
        description = {
            "Take a podslice that \"podslice install\" has put on a node off again: detach the kubelet, stop the service, give"
                    + " the cgroups of all pods back, remove units, files and state. Pods run on. A podslice of a package is"
                    + " left alone.",
            "Exit status 0: nothing of it is left; 1: it could not be taken off, or with --check is still there; 2: the command"
                    + " line cannot be used."
        },
        mixinStandardHelpOptions = true)
final class UninstallCommand implements Callable<Integer> {
    @Mixin
    private InstallOptions options = new InstallOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before the call
    private CommandSpec spec;

    @Override
    public Integer call() {
        return options.run(
                "uninstall",
                spec.commandLine().getErr(),
                options.isCheck() ? () -> Removal.isDone(options.files(), options.layout()) : this::uninstall);
    }

    private boolean uninstall() throws InstallException, IOException {
        try (SystemdHost systemd = SystemdHost.open(options.files())) {
            new Removal(
                            options.files(),
                            systemd,
                            options.layout(),
                            spec.commandLine().getOut())
                    .run();
            return true;
        }
    }
}
