package io.podslice.agent.api;

import io.podslice.agent.config.Configuration;
import io.podslice.shim.socket.ListenException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens the node API and the metrics for Prometheus, as configured. A listener that fails is logged, and podslice runs
 * without it: a port that is taken must not cost the node its runtime.
 */
public final class ApiDoors implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ApiDoors.class);

    private final AtomicReference<ApiNode> node = new AtomicReference<>(new ApiNode.Opening());
    private final @Nullable NodeApi api;
    private final @Nullable MetricsServer metrics;

    /** Starts to listen; until {@link #open}, callers get the answer that the state is being read. */
    public ApiDoors(Configuration.Api configuration) {
        this.api = api(configuration);
        this.metrics = configuration.metrics().map(this::metrics).orElse(null);
    }

    private @Nullable NodeApi api(Configuration.Api configuration) {
        try {
            return new NodeApi(configuration.listen(), configuration.allowedUids(), node::get, ApiOptions.DEFAULT);
        } catch (ListenException e) {
            LOG.error("{}; podslice goes on without its node API", e.getMessage());
            return null;
        }
    }

    private @Nullable MetricsServer metrics(InetSocketAddress address) {
        try {
            return new MetricsServer(address, node::get);
        } catch (IOException e) {
            LOG.warn(
                    "api.metrics {}: cannot listen: {}; podslice goes on without metrics",
                    MetricsServer.text(address),
                    e.getMessage());
            return null;
        }
    }

    /** Answers calls from this state from now on. */
    public void open(ApiNode opened) {
        node.set(opened);
    }

    /** Stops listening and ends every call. */
    @Override
    public void close() {
        if (api != null) {
            api.close();
        }
        if (metrics != null) {
            metrics.close();
        }
    }
}
