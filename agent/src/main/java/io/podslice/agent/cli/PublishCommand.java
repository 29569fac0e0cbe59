package io.podslice.agent.cli;

import io.podslice.agent.api.NodeApiClient;
import io.podslice.agent.publish.Publisher;
import io.podslice.agent.yaml.DocumentException;
import io.podslice.cluster.ClusterOptions.ApiAccess;
import io.podslice.cluster.apiserver.NodeName;
import io.podslice.cluster.topology.TopologyObjects;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
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
    /** The folder in which every pod finds its service account. */
    private static final String SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

    @Mixin
    private NodeSocketOptions socket = new NodeSocketOptions();

    @Option(
            names = "--node",
            paramLabel = "NAME",
            description = "the node's name in the cluster; default: $NODE_NAME, else the client certificate's, else the"
                    + " host name")
    private @Nullable String node;

    @Option(
            names = "--kubeconfig",
            paramLabel = "FILE",
            description = "access to the API server; default: the service account of the pod in which this runs")
    private @Nullable Path kubeconfig;

    @Option(
            names = "--service-account",
            paramLabel = "FOLDER",
            description = "a folder with token and ca.crt; default: " + SERVICE_ACCOUNT)
    private @Nullable Path serviceAccount;

    @Option(
            names = "--server",
            paramLabel = "URL",
            description =
                    "the API server's address; default: the kubeconfig's, or that of the cluster in which this runs")
    private @Nullable URI server;

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
        try (TopologyObjects objects = new TopologyObjects(access(), name)) {
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

    private ApiAccess access() {
        Optional<URI> address = Optional.ofNullable(server);
        if (kubeconfig != null) {
            if (serviceAccount != null) {
                throw new ParameterException(
                        spec.commandLine(), "--kubeconfig and --service-account cannot be used together");
            }
            return new ApiAccess(Optional.of(kubeconfig), Optional.empty(), address);
        }
        Path folder = serviceAccount == null ? Path.of(SERVICE_ACCOUNT) : serviceAccount;
        return new ApiAccess(
                Optional.empty(),
                Optional.of(folder),
                Optional.of(address.or(PublishCommand::ofThisCluster)
                        .orElseThrow(() -> new ParameterException(
                                spec.commandLine(),
                                "no API server: outside of a cluster's pod name a --kubeconfig, or a --server"))));
    }

    /** Returns the address that the kubelet gives to the containers of every pod; an IPv6 one in brackets. */
    private static Optional<URI> ofThisCluster() {
        String host = System.getenv("KUBERNETES_SERVICE_HOST");
        String port = System.getenv("KUBERNETES_SERVICE_PORT");
        if (host == null || port == null) {
            return Optional.empty();
        }
        return Optional.of(URI.create("https://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port));
    }
}
