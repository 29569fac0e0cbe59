package io.podslice.managers.admission;

import io.podslice.managers.topology.Rejection;
import io.podslice.managers.topology.TopologyHint;
import java.util.List;

/** The managers' answer to a pod. */
public sealed interface Admission {

    /**
     * The pod may run.
     *
     * @param state the allocations of all pods, this one included
     * @param hints the NUMA nodes that each container was restricted to: init containers and sidecars, then app
     *     containers; empty where there was nothing to decide
     */
    record Admitted(ManagersState state, List<TopologyHint> hints) implements Admission {
        public Admitted {
            hints = List.copyOf(hints);
        }
    }

    /** The pod may not run, and nothing has changed. */
    record Rejected(Rejection rejection) implements Admission {}
}
