package io.podslice.agent.api;

import io.podslice.node.ManagedNode;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The state from which calls are answered. It outlives the server, so that a client can continue from its last revision
 * although the server was shut down meanwhile; and it exists before the server, so nothing in it may use gRPC. Any
 * thread may use it.
 */
final class NodeDesk {
    private static final int MOST_REMOVED = 1_000;

    private final Function<Duration, ApiNode> node;
    private volatile String configuration = "";
    private @Nullable PodHistory history;

    NodeDesk(Function<Duration, ApiNode> node) {
        this.node = node;
    }

    /** Returns the state; waits that long for one that is being read. */
    ApiNode node(Duration patience) {
        return node.apply(patience);
    }

    /** Returns a line that says which configuration is in force; empty where that is not told. */
    String configuration() {
        return configuration;
    }

    /** Notes which configuration is in force. */
    void configuration(String text) {
        configuration = text;
    }

    /** Returns the history, brought up to date. */
    synchronized PodHistory uptodate(ManagedNode managed) {
        if (history == null) {
            history = new PodHistory(managed.revisedSnapshot(), MOST_REMOVED);
        } else {
            history.update(managed.revisedSnapshot());
        }
        return history;
    }
}
