package io.podslice.agent.api;

import io.podslice.agent.config.Configuration;
import io.podslice.shim.socket.ListenException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens the node API, as configured. A listener that fails is logged, and podslice runs without it: a socket that cannot
 * be had must not cost the node its runtime.
 */
public final class ApiDoors implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ApiDoors.class);

    private volatile ApiNode node = new ApiNode.Opening();
    private final @Nullable NodeApi api;

    /** Starts to listen; until {@link #open}, callers get the answer that the state is being read. */
    public ApiDoors(Configuration.Api configuration) {
        this.api = api(configuration);
    }

    private @Nullable NodeApi api(Configuration.Api configuration) {
        try {
            return new NodeApi(configuration.listen(), configuration.allowedUids(), this::node, ApiOptions.DEFAULT);
        } catch (ListenException e) {
            LOG.error("{}; podslice goes on without its node API", e.getMessage());
            return null;
        }
    }

    /** The state from which calls are answered now. */
    public ApiNode node() {
        return node;
    }

    /** Answers calls from this state from now on. */
    public void open(ApiNode opened) {
        node = opened;
    }

    /** Stops listening and ends every call. */
    @Override
    public void close() {
        if (api != null) {
            api.close();
        }
    }
}
