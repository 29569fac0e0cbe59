package io.podslice.agent.api;

import io.podslice.node.ManagedNode;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the calls are answered from. The history outlives the server, so that a client can go on from what it has seen
 * although the server rested meanwhile. Any thread may use it.
 */
final class NodeDesk {
    private static final int MOST_REMOVED = 1_000;

    private final Supplier<ApiNode> node;
    private @Nullable PodHistory history;
    private @Nullable Watchers watchers;

    NodeDesk(Supplier<ApiNode> node) {
        this.node = node;
    }

    ApiNode node() {
        return node.get();
    }

    /**
     * The brain.
     *
     * @throws io.grpc.StatusRuntimeException if there is none, or not yet
     */
    ManagedNode managed() {
        return switch (node()) {
            case ApiNode.Managed(ManagedNode managed) -> managed;
            case ApiNode.Opening() -> throw Statuses.opening();
            case ApiNode.Unmanaged(String problem) -> throw Statuses.unmanaged(problem);
        };
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

    synchronized Watchers watchers(ManagedNode managed, PodHistory history) {
        if (watchers == null) {
            watchers = new Watchers(managed, history);
        }
        return watchers;
    }

    synchronized void closeWatchers() {
        if (watchers != null) {
            watchers.close();
            watchers = null;
        }
    }
}
