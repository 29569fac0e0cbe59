package io.podslice.agent.cli;

import io.podslice.agent.api.NodeApiClient;
import io.podslice.agent.publish.Publisher;
import io.podslice.agent.yaml.DocumentException;
import io.podslice.cluster.apiserver.NodeName;
import io.podslice.cluster.topology.TopologyObjects;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code podslice publish}. */
@Command(
        name = "publish",
        description = {
            "Keep this node's NodeResourceTopology object (topology.node.k8s.io/v1alpha2) as the running podslice has the"
                    + " node: at each change, at most once in 10 s, and once a minute. Needs no privileges but to call the"
                    + " node API and the API server.",
            "Exit status 0: done; 1: podslice or the API server did not take part; 2: the command line or a file cannot"
                    + " be used."
        },
        mixinStandardHelpOptions = true)
final class PublishCommand implements Callable<Integer> {
    @Mixin
    private NodeSocketOptions socket = new NodeSocketOptions();

    @Option(
            names = "--node",
            paramLabel = "NAME",
            description = "the node's name in the cluster; default: $NODE_NAME, else the client certificate's, else the"
                    + " host name")
    private @Nullable String node;

    @Mixin
    private ApiServerOptions server = new ApiServerOptions();

    @Option(names = "--force", description = "take over fields of the object that another producer has written")
    private boolean force;

    @Option(names = "--once", description = "apply the object once and end")
    private boolean once;

    @Option(names = "--dry-run", description = "print the object, and call no API server")
    private boolean dryRun;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before the call
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter err = spec.commandLine().getErr();
        Path path;
        try {
            path = socket.path();
        } catch (DocumentException e) {
            err.println(e.getMessage());
            return ExitCode.USAGE;
        }
        Optional<String> name = Optional.ofNullable(node == null ? System.getenv("NODE_NAME") : node);
        try (NodeApiClient client = new NodeApiClient(path)) {
            return dryRun ? print(path, client, name) : publish(path, client, name);
        }
    }

    private int print(Path path, NodeApiClient client, Optional<String> name) {
        PrintWriter err = spec.commandLine().getErr();
        try {
            String known = new NodeName(name, Optional.empty()).get();
            spec.commandLine().getOut().print(Publisher.object(path, client, known, err));
            spec.commandLine().getOut().flush();
            return ExitCode.OK;
        } catch (IOException e) {
            err.println("podslice publish: " + e.getMessage());
            return ExitCode.FAILED;
        }
    }

    private int publish(Path path, NodeApiClient client, Optional<String> name) {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        try (TopologyObjects objects = new TopologyObjects(server.ofProgram(), name)) {
            Publisher publisher = new Publisher(path, client, objects, force, Publisher.Times.DEFAULT, out, err);
            if (once) {
                return publisher.once() ? ExitCode.OK : ExitCode.FAILED;
            }
            publisher.run();
            return ExitCode.OK;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return ExitCode.OK;
        }
    }
}
