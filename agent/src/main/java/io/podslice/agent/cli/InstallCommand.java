package io.podslice.agent.cli;

import io.grpc.StatusRuntimeException;
import io.podslice.agent.api.NodeApiClient;
import io.podslice.agent.config.ConfigurationFile;
import io.podslice.agent.install.InstallException;
import io.podslice.agent.install.Installation;
import io.podslice.agent.install.Release;
import io.podslice.agent.install.SystemdHost;
import io.podslice.proto.v1.NodeCondition;
import io.podslice.proto.v1.StatusRequest;
import io.podslice.proto.v1.StatusResponse;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code podslice install}. */
@Command(
        name = "install",
        description = {
            "Put this podslice on a node as a service of its systemd, from the container image, and start it; or upgrade the"
                    + " one that an earlier image has put there. The socket is never restarted, an administrator's changed"
                    + " file never replaced, and a podslice of a package left alone.",
            "Exit status 0: the node runs this podslice; 1: it does not, or with --check is not ready; 2: the command line or"
                    + " the configuration cannot be used, and nothing was changed."
        },
        mixinStandardHelpOptions = true)
final class InstallCommand implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @Mixin
    private InstallOptions options = new InstallOptions();

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "the text for /etc/podslice/podslice.yaml; default: the default configuration")
    private @Nullable Path config;

    @Option(
            names = "--source",
            paramLabel = "DIR",
            description = "the folder to install; default: the one that this program runs from")
    private @Nullable Path source;

    @Option(
            names = "--attach",
            description = "point the node's kubelet at podslice once it runs (podslice kubelet attach)")
    private boolean attach;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before the call
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter err = spec.commandLine().getErr();
        String text;
        try {
            text = config == null ? ConfigurationFile.defaults() : Files.readString(config);
        } catch (IOException e) {
            err.println("podslice install: the configuration cannot be read: " + e.getMessage());
            return ExitCode.USAGE;
        }
        List<String> problems = Installation.problems(text);
        if (!problems.isEmpty()) {
            problems.forEach(problem -> err.println("podslice install: " + problem));
            return ExitCode.USAGE;
        }
        return options.run("install", err, options.isCheck() ? () -> isReady(err) : () -> install(text));
    }

    private Release release() throws InstallException, IOException {
        return Release.in(source == null ? Release.ofThisProgram() : source);
    }

    private boolean install(String text) throws InstallException, IOException {
        Release release = release();
        try (SystemdHost systemd = SystemdHost.open(options.files())) {
            new Installation(
                            options.files(),
                            systemd,
                            options.layout(),
                            spec.commandLine().getOut())
                    .run(new Installation.Wanted(release, text, attach));
            return true;
        }
    }

    /** Asks the node API, once the release that the node runs is this one. */
    private boolean isReady(PrintWriter err) throws InstallException, IOException {
        Release release = release();
        if (!Installation.isDone(options.files(), options.layout(), release)) {
            err.println("podslice install: " + release.id() + " is not installed yet");
            return false;
        }
        try (NodeApiClient client = new NodeApiClient(options.files().at("/run/podslice/podslice.sock"))) {
            StatusResponse node = client.node(PATIENCE).status(StatusRequest.getDefaultInstance());
            if (node.getCondition() == NodeCondition.NODE_CONDITION_READY) {
                return true;
            }
            err.println("podslice install: not ready: " + node.getMessage());
        } catch (StatusRuntimeException e) {
            err.println("podslice install: the node API does not answer: " + e.getMessage());
        }
        return false;
    }
}
