package io.podslice.integration.vm;

import java.nio.file.Path;

/**
 * A configuration of podslice on the cluster's node.
 *
 * @param source {@code podSpecs.source}
 * @param policy {@code topologyManagerPolicy}
 * @param refused {@code admission.refused}
 * @param nri true if podslice is the runtime's plugin, too
 * @param podsApi the path of the kubelet's Pods API
 */
record ClusterSettings(String source, String policy, String refused, boolean nri, Path podsApi) {
    private static final Path PODS_API = Path.of("/var/lib/kubelet/pods-api/pods-api.sock");

    /** Returns the settings of a source, best-effort and behind the CRI socket. */
    static ClusterSettings of(String source) {
        return new ClusterSettings(source, "best-effort", "retry", false, PODS_API);
    }

    /** Returns the settings under single-numa-node, with {@code admission.refused}. */
    ClusterSettings refusing(String fate) {
        return new ClusterSettings(source, "single-numa-node", fate, nri, podsApi);
    }

    /** Returns the settings of a plugin of the runtime. */
    ClusterSettings asPlugin() {
        return new ClusterSettings(source, policy, refused, true, podsApi);
    }

    /** Returns the settings of a node whose kubelet has no Pods API: it is looked for where nothing is. */
    ClusterSettings withoutPodsApi() {
        return new ClusterSettings(source, policy, refused, nri, Path.of("/var/lib/kubelet/pods-api/none.sock"));
    }

    /** Returns the configuration file's text. */
    String yaml() {
        return """
                apiVersion: podslice.io/v1alpha1
                kind: PodsliceConfiguration
                topologyManagerPolicy: %s
                # The CPUs are emulated, on a machine with other work.
                shim: {decisionBudget: 2m}
                nri: {enabled: %s, socket: "unix:///run/nri/nri.sock"}
                podSpecs:
                  source: %s
                  timeout: 10s
                  podsAPI: "unix://%s"
                  apiServer: {kubeconfig: /etc/kubernetes/kubelet.conf}
                admission: {refused: %s}
                """.formatted(policy, nri, source, podsApi, refused);
    }
}
