package io.podslice.agent;

import io.podslice.agent.config.ClusterConfiguration;
import io.podslice.agent.config.ClusterConfiguration.ApiServer;
import io.podslice.agent.config.ClusterConfiguration.RefusedPods;
import io.podslice.cluster.ClusterOptions;
import io.podslice.cluster.ClusterOptions.ApiAccess;
import io.podslice.cluster.ClusterSources;
import io.podslice.node.KnownPod;
import io.podslice.node.NodeMeter;
import io.podslice.node.NodeSources;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The sources of pods' specs and devices that the configuration names, and the hearers of refused pods and of incidents. Opened before the
 * brain, so that its first decision can ask them; watched once the brain is open.
 */
final class ClusterLink implements AutoCloseable {
    private final ClusterSources opened;
    private final NodeSources sources;
    private final CpuManagerCheck check;

    /**
     * Opens what is configured; nothing needs to be there yet.
     *
     * @param meter counts what becomes of refused pods and of events
     */
    ClusterLink(ClusterConfiguration configured, NodeMeter meter) {
        this.opened = ClusterSources.open(options(configured), meter);
        this.sources = new NodeSources(
                opened.specs(), opened.devices(), configured.podSpecs().timeout(), opened.refusals());
        this.check = new CpuManagerCheck(opened::cpuManagerWarning);
    }

    static ClusterOptions options(ClusterConfiguration configured) {
        ClusterConfiguration.PodSpecs specs = configured.podSpecs();
        boolean fails = configured.refused() == RefusedPods.FAIL;
        boolean writes = specs.apiServer().events();
        return new ClusterOptions(
                specs.asksPodsApi() ? Optional.of(specs.podsApi()) : Optional.empty(),
                specs.asksApiServer() || fails || writes ? access(specs.apiServer()) : Optional.empty(),
                specs.asksApiServer(),
                specs.readsStaticPods() ? specs.staticPods() : Optional.empty(),
                configured.podResources(),
                fails,
                writes,
                specs.apiServer().nodeName());
    }

    private static Optional<ApiAccess> access(ApiServer configured) {
        return Optional.of(new ApiAccess(configured.kubeconfig(), configured.serviceAccount(), configured.server()));
    }

    /** Returns the hearer that writes events on pods; one that counts nothing where none are written. */
    NodeMeter incidents() {
        return opened.incidents();
    }

    /** Returns the brain's ways to what the cluster knows of pods. */
    NodeSources sources() {
        return sources;
    }

    /**
     * Begins to watch.
     *
     * @param changes gets each pod that is new or has changed
     */
    void start(Consumer<KnownPod> changes) {
        opened.start(changes);
    }

    /** Warns of a kubelet that gives out CPUs itself; for the sweep's thread. */
    void check() {
        check.run();
    }

    /** Ends the watches and the connections. */
    @Override
    public void close() {
        opened.close();
    }
}
