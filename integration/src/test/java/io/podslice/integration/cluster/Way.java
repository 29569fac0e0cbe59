package io.podslice.integration.cluster;

import io.podslice.agent.config.ClusterConfiguration;
import io.podslice.agent.config.ClusterConfiguration.RefusedPods;
import io.podslice.agent.config.ClusterConfiguration.SourceChoice;
import io.podslice.integration.agent.AgentConfiguration;
import io.podslice.simulator.cluster.SimulatedCluster;
import io.podslice.simulator.kubelet.PodManifest;
import io.podslice.simulator.kubelet.PodSpecAnnotation;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** A way in which podslice learns what pods ask for. */
enum Way {
    ANNOTATION(SourceChoice.ANNOTATION),
    PODS_API(SourceChoice.PODS_API),
    API_SERVER(SourceChoice.API_SERVER),
    /** The API server, with a service account's token in place of the kubelet's certificate. */
    SERVICE_ACCOUNT(SourceChoice.API_SERVER),
    STATIC_PODS(SourceChoice.STATIC_PODS),
    /** All of them, each as the one before it fails. */
    AUTO(SourceChoice.AUTO);

    private final SourceChoice choice;

    Way(SourceChoice choice) {
        this.choice = choice;
    }

    /** Returns the source of specs, as status names it. */
    String source() {
        return this == AUTO ? SourceChoice.PODS_API.text() : choice.text();
    }

    boolean usesApiServer() {
        return this == API_SERVER || this == SERVICE_ACCOUNT || this == AUTO;
    }

    /** Opens the way on the simulated node. */
    void open(SimulatedCluster cluster) {
        cluster.podResources().start();
        if (this == PODS_API || this == AUTO) {
            cluster.podsApi().start();
        }
        if (usesApiServer()) {
            cluster.apiServer().start();
            Instant now = Instant.now();
            cluster.credentials().writeKubeconfig(now.minusSeconds(60), now.plusSeconds(3600));
            cluster.credentials().writeServiceAccount("token-0");
        }
    }

    /** Returns the pod as the kubelet gets it this way. */
    PodManifest prepared(PodManifest pod, SimulatedCluster cluster) {
        return switch (this) {
            case ANNOTATION -> PodSpecAnnotation.on(pod);
            case STATIC_PODS -> cluster.putStatic(pod);
            case PODS_API, API_SERVER, SERVICE_ACCOUNT, AUTO -> pod;
        };
    }

    /** Returns the part of podslice's configuration that names the way. */
    ClusterConfiguration configuration(SimulatedCluster cluster, Duration lookup, RefusedPods refused) {
        if (this == SERVICE_ACCOUNT) {
            ClusterConfiguration base = AgentConfiguration.sources(cluster, choice, lookup, false, refused);
            URI server = cluster.apiServer().uri();
            return new ClusterConfiguration(
                    new ClusterConfiguration.PodSpecs(
                            choice,
                            lookup,
                            base.podSpecs().podsApi(),
                            new ClusterConfiguration.ApiServer(
                                    Optional.empty(),
                                    Optional.of(cluster.credentials().serviceAccount()),
                                    Optional.of(server),
                                    Optional.of(cluster.nodeName())),
                            Optional.empty()),
                    base.podResources(),
                    refused);
        }
        return AgentConfiguration.sources(cluster, choice, lookup, usesApiServer(), refused);
    }
}
