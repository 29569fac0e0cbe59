package io.podslice.node;

import io.podslice.node.state.NodeState;

/** Keeps the brain's state over a restart. */
public interface StateStore {

    /** What was saved last; the empty state where nothing usable was. */
    NodeState load();

    /**
     * Replaces what was saved, at once or not at all.
     *
     * @throws StateException if it cannot be saved; what was saved before is still there
     */
    void save(NodeState state);
}
