package io.podslice.agent.api;

import io.podslice.node.ManagedNode;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The state from which calls are answered. It outlives the server, so that a client can continue from its last revision
 * although the server was shut down meanwhile; and it exists before the server, so nothing in it may use gRPC. Any
 * thread may use it.
 */
final class NodeDesk {
    private static final int MOST_REMOVED = 1_000;

    private final Supplier<ApiNode> node;
    private @Nullable PodHistory history;

    NodeDesk(Supplier<ApiNode> node) {
        this.node = node;
    }

    ApiNode node() {
        return node.get();
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
