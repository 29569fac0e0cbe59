package io.podslice.cluster;

import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The sources of pods' specs and devices that are opened.
 *
 * @param podsApi path of the socket of the kubelet's Pods API; empty: it is not asked
 * @param apiServer access to the API server; empty: it is never called
 * @param asksApiServer true if the API server is a source of specs; needs access to it
 * @param staticPods the folder of static pods' manifests; empty: it is not read
 * @param podResources path of the socket of the kubelet's PodResources; empty: devices are not looked up
 * @param failsRefused true if refused pods are made to fail through the API server; needs access to it
 * @param writesEvents true if events on pods are written through the API server; needs access to it
 * @param nodeName this node's name in the cluster, with which static pods' names end; empty: the client certificate's, else
 *     the host name
 */
public record ClusterOptions(
        Optional<Path> podsApi,
        Optional<ApiAccess> apiServer,
        boolean asksApiServer,
        Optional<Path> staticPods,
        Optional<Path> podResources,
        boolean failsRefused,
        boolean writesEvents,
        Optional<String> nodeName) {

    /** Opens nothing: what pods ask for comes with their sandboxes. */
    public static final ClusterOptions NONE = new ClusterOptions(Optional.empty(), Optional.empty());

    public ClusterOptions {
        if ((asksApiServer || failsRefused || writesEvents) && apiServer.isEmpty()) {
            throw new IllegalArgumentException("the API server cannot be called without access to it");
        }
    }

    /** The kubelet's own sockets alone. */
    public ClusterOptions(Optional<Path> podsApi, Optional<Path> podResources) {
        this(podsApi, Optional.empty(), false, Optional.empty(), podResources, false, false, Optional.empty());
    }

    /**
     * Access to the API server.
     *
     * @param kubeconfig path of a kubeconfig; empty: the service account counts
     * @param serviceAccount folder with a service account's {@code token} and {@code ca.crt}
     * @param server the API server's address, in place of the kubeconfig's; a service account needs it
     * @param context the kubeconfig's context; empty: its current one
     * @param runsPrograms true if a program is run that the kubeconfig names for its credentials, as for a person
     */
    public record ApiAccess(
            Optional<Path> kubeconfig,
            Optional<Path> serviceAccount,
            Optional<URI> server,
            Optional<String> context,
            boolean runsPrograms) {

        /** The kubeconfig's current context, without programs. */
        public ApiAccess(Optional<Path> kubeconfig, Optional<Path> serviceAccount, Optional<URI> server) {
            this(kubeconfig, serviceAccount, server, Optional.empty(), false);
        }

        public ApiAccess {
            if (kubeconfig.isPresent() == serviceAccount.isPresent()) {
                throw new IllegalArgumentException("credentials come from a kubeconfig or from a service account");
            }
            if (serviceAccount.isPresent() && server.isEmpty()) {
                throw new IllegalArgumentException("a service account needs the API server's address");
            }
        }
    }
}
