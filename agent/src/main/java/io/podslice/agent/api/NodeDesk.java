package io.podslice.agent.api;

import io.podslice.node.ManagedNode;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the calls are answered from. It outlives the server, so that a client can go on from what it has seen although
 * the server rested meanwhile; and it is there before the server, so nothing in it may be of gRPC. Any thread may use
 * it.
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

    /** The history, with all that has happened until now. */
    synchronized PodHistory uptodate(ManagedNode managed) {
        if (history == null) {
            history = new PodHistory(managed.revisedSnapshot(), MOST_REMOVED);
        } else {
            history.update(managed.revisedSnapshot());
        }
        return history;
    }
}
