package io.podslice.agent.api;

import io.podslice.agent.config.Configuration;
import io.podslice.shim.socket.ListenException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens the node API, as configured. A listener that fails is logged, and podslice runs without it: a socket that cannot
 * be had must not cost the node its runtime.
 */
public final class ApiDoors implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ApiDoors.class);
    private static final ApiNode OPENING = new ApiNode.Opening();

    private final CompletableFuture<ApiNode> opened = new CompletableFuture<>();
    private final @Nullable NodeApi api;

    /**
     * Starts to listen; until {@link #open}, calls wait, and those that can wait no longer are told that it opens.
     *
     * @param podResources path of the kubelet's PodResources socket; empty for none
     */
    public ApiDoors(Configuration.Api configuration, Optional<Path> podResources) {
        this.api = api(configuration, podResources);
    }

    private @Nullable NodeApi api(Configuration.Api configuration, Optional<Path> podResources) {
        try {
            return new NodeApi(
                    configuration.listen(),
                    configuration.allowedUids(),
                    this::within,
                    podResources,
                    ApiOptions.DEFAULT);
        } catch (ListenException e) {
            LOG.error("{}; podslice goes on without its node API", e.getMessage());
            return null;
        }
    }

    /** The state from which calls are answered now. */
    public ApiNode node() {
        return opened.getNow(OPENING);
    }

    /** The state from which calls are answered; waits that long for the end of the time in which it is being read. */
    private ApiNode within(Duration patience) {
        try {
            return opened.get(Math.max(0, patience.toNanos()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return OPENING;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return OPENING;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }

    /** Answers calls from this state from now on. */
    public void open(ApiNode node) {
        opened.complete(node);
    }

    /** Lets these users connect, beside root and the one that this process runs as, from now on. */
    public void allow(Set<Integer> uids) {
        if (api != null) {
            api.allow(uids);
        }
    }

    /** Tells clients from now on which configuration is in force, in a line. */
    public void configuration(String text) {
        if (api != null) {
            api.configuration(text);
        }
    }

    /** Stops listening and ends every call. */
    @Override
    public void close() {
        if (api != null) {
            api.close();
        }
    }
}
