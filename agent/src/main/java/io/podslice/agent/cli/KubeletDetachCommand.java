package io.podslice.agent.cli;

import io.podslice.agent.kubelet.KubeletException;
import io.podslice.agent.yaml.DocumentException;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code podslice kubelet detach}. */
@Command(
        name = "detach",
        description = {
            "Put back what \"podslice kubelet attach\" has changed, byte for byte, and restart the kubelet. Pods run on.",
            "Exit status 0: the kubelet goes to its runtime, or was not attached; 1: it could not be put back, or the node is"
                    + " not sound; 2: the command line or a file cannot be used."
        },
        mixinStandardHelpOptions = true)
final class KubeletDetachCommand implements Callable<Integer> {
    @Mixin
    private KubeletOptions options = new KubeletOptions();

    @Option(names = "--if-unsound", description = "leave the kubelet attached if the node is sound, as the timer does")
    private boolean ifUnsound;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "120",
            description = "the time within which the node must be sound again; default: 120")
    private int timeout = 120;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before the call
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter err = spec.commandLine().getErr();
        try {
            KubeletOptions.here(options.read(), spec.commandLine().getOut())
                    .detach(ifUnsound, Duration.ofSeconds(timeout));
            return ExitCode.OK;
        } catch (DocumentException e) {
            err.println(e.getMessage());
            return ExitCode.USAGE;
        } catch (KubeletException | IOException e) {
            err.println("podslice kubelet detach: " + e.getMessage());
            return ExitCode.FAILED;
        }
    }
}
