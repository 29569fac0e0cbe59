package io.podslice.agent.api;

import io.podslice.node.ManagedNode;
import java.util.function.Supplier;

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

    /**
     * A brain that answers.
     *
     * @param cgroups describes the cgroup driver, e.g. {@code systemd 257, /kubepods.slice}; empty: not known
     */
    record Managed(ManagedNode node, Supplier<String> cgroups) implements ApiNode {

        /** A brain whose cgroup driver is not told. */
        public Managed(ManagedNode node) {
            this(node, () -> "");
        }
    }
}
