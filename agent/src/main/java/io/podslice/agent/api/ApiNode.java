package io.podslice.agent.api;

import io.podslice.node.ManagedNode;

/** What the node API has to answer from. */
public sealed interface ApiNode {

    /** The state is still being read. */
    record Opening() implements ApiNode {}

    /**
     * Nothing can be enforced on this node.
     *
     * @param problem what is missing
     */
    record Unmanaged(String problem) implements ApiNode {}

    /** A brain that answers. */
    record Managed(ManagedNode node) implements ApiNode {}
}
