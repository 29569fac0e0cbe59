package io.podslice.agent.metrics;

import io.podslice.agent.api.ApiNode;
import io.podslice.agent.config.Standing;
import io.podslice.agent.record.RecorderFigures;
import io.podslice.node.ManagedNode;
import io.podslice.node.NodeMeter;
import io.prometheus.metrics.config.PrometheusProperties;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The metrics of a node, and the listener that serves them. Made only where {@code api.metrics} is configured: with it
 * come the library's classes. A port that is taken is logged, and podslice goes on: it must not cost the node its runtime.
 */
public final class MetricsDoor implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MetricsDoor.class);

    private final InetSocketAddress address;
    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final NodeMeter meter;
    private volatile @Nullable Standing standing;
    private @Nullable MetricsServer server;

    /**
     * Makes the counters, which count from now on; nothing listens yet.
     *
     * @param address to listen on
     */
    public MetricsDoor(InetSocketAddress address) {
        this.address = address;
        this.meter = new NodeCounters(registry, PrometheusProperties.get());
    }

    /** Counts what it is told. */
    public NodeMeter meter() {
        return meter;
    }

    /**
     * Starts to listen, if the port can be had.
     *
     * @param node the state from which gauges are read, asked anew at each scrape
     */
    public void listen(Supplier<ApiNode> node) {
        registry.register(new NodeGauges(() -> managed(node.get()).metrics()));
        registry.register(new ConfigurationGauges(() -> Optional.ofNullable(standing)));
        registry.register(new SourceFigures(() -> managed(node.get()).sources()));
        try {
            server = new MetricsServer(address, node, new Exposition(registry));
        } catch (IOException e) {
            LOG.warn(
                    "api.metrics {}: cannot listen: {}; podslice goes on without metrics",
                    MetricsServer.text(address),
                    e.getMessage());
        }
    }

    /** Tells scrapers from now on how the recording does. */
    public void recording(Supplier<RecorderFigures> figures) {
        registry.register(new RecordingMetrics(figures));
    }

    /** Notes which configuration is in force. */
    public void configuration(Standing now) {
        standing = now;
    }

    private static ManagedNode managed(ApiNode node) {
        if (node instanceof ApiNode.Managed(ManagedNode managed, var _)) {
            return managed;
        }
        throw new IllegalStateException("there are no figures yet");
    }

    /** The port that it listens on, for tests; -1 if it does not. */
    public int port() {
        return server == null ? -1 : server.port();
    }

    /** Stops listening. */
    @Override
    public void close() {
        if (server != null) {
            server.close();
        }
    }
}
