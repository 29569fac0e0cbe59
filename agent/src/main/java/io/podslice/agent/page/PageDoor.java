package io.podslice.agent.page;

import io.podslice.agent.api.ApiNode;
import io.podslice.agent.config.Standing;
import io.podslice.agent.http.Entrance;
import io.podslice.node.NodeMeter;
import io.podslice.node.brain.Rehearsal;
import java.io.IOException;
import java.net.SocketAddress;
import java.time.Clock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The page that shows the node to a browser, and the listener that serves it. Made only where {@code api.page} is configured. An
 * address that is taken is logged, and podslice goes on: it must not cost the node its runtime.
 */
public final class PageDoor implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PageDoor.class);

    private final SocketAddress address;
    private final Chronicle chronicle = new Chronicle(Clock.systemUTC());
    private volatile String configuration = "";
    private @Nullable PageServer server;

    /**
     * Makes the page, which remembers incidents from now on; nothing listens yet.
     *
     * @param address a loopback address or a Unix socket
     */
    public PageDoor(SocketAddress address) {
        this.address = address;
    }

    /** Hears of the incidents that the page shows. */
    public NodeMeter meter() {
        return chronicle;
    }

    /**
     * Starts to listen, if the address can be had.
     *
     * @param node the node that is shown, asked anew for each request
     * @param copies makes a copy of the node, once it is managed, on which plans are made
     */
    public void listen(Supplier<ApiNode> node, Supplier<Rehearsal> copies) {
        try {
            server = new PageServer(
                    Entrance.listen("api.page", address), node, chronicle, () -> configuration, new WhatIf(copies));
        } catch (IOException e) {
            LOG.warn("api.page {}: cannot listen: {}; podslice goes on without its page", address, e.getMessage());
        }
    }

    /** Tells browsers from now on which configuration is in force. */
    public void configuration(Standing now) {
        configuration = now.text();
    }

    /** The port that it listens on, for tests; -1 if it does not, or listens on a Unix socket. */
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
