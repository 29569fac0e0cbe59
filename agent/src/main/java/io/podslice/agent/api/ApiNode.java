package io.podslice.agent.api;

import io.podslice.node.ManagedNode;

/** The state from which the node API answers. */
public sealed interface ApiNode {

    /** The state is still being read. */
    record Opening() implements ApiNode {}

    /**
     * Podslice cannot enforce anything on this node.
     *
     * @param problem the missing prerequisite
     */
    record Unmanaged(String problem) implements ApiNode {}

    /** A brain that answers. */
    record Managed(ManagedNode node) implements ApiNode {}
}
