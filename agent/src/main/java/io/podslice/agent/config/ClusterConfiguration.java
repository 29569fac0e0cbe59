package io.podslice.agent.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Keys {@code podSpecs}, {@code podResources} and {@code admission}: where podslice learns what pods ask for, and what
 * becomes of those that it refuses.
 *
 * @param podSpecs the sources of pods' specs
 * @param podResources path of the kubelet's PodResources socket; absolute; empty: devices are not looked up
 * @param refused the fate of a refused pod; {@link RefusedPods#FAIL} only where the API server can be reached
 */
public record ClusterConfiguration(PodSpecs podSpecs, Optional<Path> podResources, RefusedPods refused) {

    static final ClusterConfiguration DEFAULT = new ClusterConfiguration(
            PodSpecs.DEFAULT, Optional.of(Path.of("/var/lib/kubelet/pod-resources/kubelet.sock")), RefusedPods.RETRY);

    /** Asks nothing of kubelet and API server: pods' specs come with their sandboxes, and devices are not looked up. */
    public static final ClusterConfiguration NONE = new ClusterConfiguration(
            new PodSpecs(
                    SourceChoice.ANNOTATION,
                    PodSpecs.DEFAULT.timeout(),
                    PodSpecs.DEFAULT.podsApi(),
                    ApiServer.NONE,
                    Optional.empty()),
            Optional.empty(),
            RefusedPods.RETRY);

    /**
     * The sources of pods' specs. The pod's annotation and CRI's values come with its sandbox and stand behind each of
     * them.
     *
     * @param source the source that is asked, or all in their order
     * @param timeout the time for which an admission waits for all sources and for the pod's devices together; 10 ms to
     *     10 s, and below the decision's own
     * @param podsApi path of the socket of the kubelet's Pods API; absolute
     * @param apiServer access to the API server
     * @param staticPods the folder of static pods' manifests; absolute; empty: it is not read
     */
    public record PodSpecs(
            SourceChoice source, Duration timeout, Path podsApi, ApiServer apiServer, Optional<Path> staticPods) {

        static final PodSpecs DEFAULT = new PodSpecs(
                SourceChoice.AUTO,
                Duration.ofSeconds(1),
                Path.of("/var/lib/kubelet/pods-api/pods-api.sock"),
                ApiServer.NONE,
                Optional.of(Path.of("/etc/kubernetes/manifests")));

        /** Tells if the kubelet's Pods API is asked. */
        public boolean asksPodsApi() {
            return source == SourceChoice.AUTO || source == SourceChoice.PODS_API;
        }

        /** Tells if the API server is asked. */
        public boolean asksApiServer() {
            return source == SourceChoice.API_SERVER || (source == SourceChoice.AUTO && apiServer.isReachable());
        }

        /** Tells if static pods' manifests are read. */
        public boolean readsStaticPods() {
            return staticPods.isPresent() && (source == SourceChoice.AUTO || source == SourceChoice.STATIC_PODS);
        }
    }

    /** The value of {@code podSpecs.source}. */
    public enum SourceChoice {
        /** Every source that is there, in the order Pods API, API server, static pods' manifests. */
        AUTO("auto"),
        /** The kubelet's Pods API alone. */
        PODS_API("podsAPI"),
        /** The API server alone. */
        API_SERVER("apiServer"),
        /** The static pods' manifests alone. */
        STATIC_PODS("staticPods"),
        /** Nothing outside the pod's sandbox. */
        ANNOTATION("annotation");

        private final String text;

        SourceChoice(String text) {
            this.text = text;
        }

        /** Returns the name in the configuration. */
        public String text() {
            return text;
        }
    }

    /**
     * Access to the API server, with the credentials of a kubeconfig or of a service account, never of both.
     *
     * @param kubeconfig path of a kubeconfig, such as the kubelet's; absolute
     * @param serviceAccount folder with {@code token} and {@code ca.crt}; absolute
     * @param server the API server's address, in place of the kubeconfig's; https
     * @param nodeName this node's name in the cluster; empty: the one in the kubeconfig's client certificate, else the
     *     host name
     * @param events true if events on pods are written; only where there are credentials
     */
    public record ApiServer(
            Optional<Path> kubeconfig,
            Optional<Path> serviceAccount,
            Optional<URI> server,
            Optional<String> nodeName,
            boolean events) {

        static final ApiServer NONE =
                new ApiServer(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

        /** Access without events. */
        public ApiServer(
                Optional<Path> kubeconfig,
                Optional<Path> serviceAccount,
                Optional<URI> server,
                Optional<String> nodeName) {
            this(kubeconfig, serviceAccount, server, nodeName, false);
        }

        /** Tells if there are credentials. */
        public boolean isReachable() {
            return kubeconfig.isPresent() || serviceAccount.isPresent();
        }
    }

    /** The value of {@code admission.refused}. */
    public enum RefusedPods {
        /** The kubelet tries again, on this node, for as long as the pod is there. */
        RETRY("retry"),
        /** The pod's phase becomes Failed, as by the kubelet's own admission, so that its controller makes another. */
        FAIL("fail");

        private final String text;

        RefusedPods(String text) {
            this.text = text;
        }

        /** Returns the name in the configuration. */
        public String text() {
            return text;
        }
    }
}
