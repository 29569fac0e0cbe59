package io.podslice.integration.vm;

/**
 * A configuration of podslice on the cluster's node.
 *
 * @param source {@code podSpecs.source}
 * @param policy {@code topologyManagerPolicy}
 * @param refused {@code admission.refused}
 * @param nri true if podslice is the runtime's plugin, too
 */
record ClusterSettings(String source, String policy, String refused, boolean nri) {

    /** Returns the settings that every round but those of refusals and of NRI uses. */
    static ClusterSettings of(String source) {
        return new ClusterSettings(source, "best-effort", "retry", false);
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
                  apiServer: {kubeconfig: /etc/kubernetes/kubelet.conf}
                admission: {refused: %s}
                """.formatted(policy, nri, source, refused);
    }
}
