package io.podslice.agent.cli;

import io.podslice.cluster.ClusterOptions.ApiAccess;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options that say how the API server is called. */
final class ApiServerOptions {
    /** The folder in which every pod finds its service account. */
    private static final String SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

    private static final String NONE = "no API server: outside of a cluster's pod name a --kubeconfig, or a --server";

    @Option(names = "--kubeconfig", paramLabel = "FILE", description = "access to the API server")
    private @Nullable Path kubeconfig;

    @Option(
            names = "--context",
            paramLabel = "NAME",
            description = "the kubeconfig's context; default: its current one")
    private @Nullable String context;

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

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli sets it before the call
    private CommandSpec spec;

    /** Returns the access of a program in a pod: its service account, unless the command line names a kubeconfig. */
    ApiAccess ofProgram() {
        return kubeconfig == null ? ofServiceAccount() : ofKubeconfig(kubeconfig, false);
    }

    /**
     * Returns the access of a person: as kubectl finds it, by the command line, the environment variable, the pod in which it runs,
     * or the kubeconfig in the home folder.
     */
    ApiAccess ofPerson(Map<String, String> environment) {
        if (kubeconfig != null) {
            return ofKubeconfig(kubeconfig, true);
        }
        if (serviceAccount != null) {
            return ofServiceAccount();
        }
        String named = environment.getOrDefault("KUBECONFIG", "");
        if (named.contains(":")) {
            throw new ParameterException(
                    spec.commandLine(),
                    "KUBECONFIG \"" + named + "\": names several files; name one with --kubeconfig");
        }
        if (!named.isEmpty()) {
            return ofKubeconfig(Path.of(named), true);
        }
        if (context != null || ofThisCluster().isEmpty()) {
            Path home = Path.of(environment.getOrDefault("HOME", "/root"), ".kube", "config");
            if (Files.exists(home)) {
                return ofKubeconfig(home, true);
            }
        }
        return ofServiceAccount();
    }

    private ApiAccess ofKubeconfig(Path file, boolean runsPrograms) {
        if (serviceAccount != null) {
            throw new ParameterException(
                    spec.commandLine(), "--kubeconfig and --service-account cannot be used together");
        }
        return new ApiAccess(
                Optional.of(file),
                Optional.empty(),
                Optional.ofNullable(server),
                Optional.ofNullable(context),
                runsPrograms);
    }

    private ApiAccess ofServiceAccount() {
        if (context != null) {
            throw new ParameterException(spec.commandLine(), "--context: there is no kubeconfig that has one");
        }
        Path folder = serviceAccount == null ? Path.of(SERVICE_ACCOUNT) : serviceAccount;
        URI address = Optional.ofNullable(server)
                .or(ApiServerOptions::ofThisCluster)
                .orElseThrow(() -> new ParameterException(spec.commandLine(), NONE));
        return new ApiAccess(Optional.empty(), Optional.of(folder), Optional.of(address));
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
