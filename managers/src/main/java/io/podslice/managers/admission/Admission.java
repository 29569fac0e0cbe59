package io.podslice.managers.admission;

import io.podslice.managers.topology.Rejection;
import io.podslice.managers.topology.TopologyHint;
import java.util.List;

/** The managers' answer to a pod. */
public sealed interface Admission {

    /**
     * It may run.
     *
     * @param state what all pods have now
     * @param hints the NUMA nodes that each container was held to: init containers and sidecars, then app containers;
     *     none where there was nothing to decide
     */
    record Admitted(ManagersState state, List<TopologyHint> hints) implements Admission {
        public Admitted {
            hints = List.copyOf(hints);
        }
    }

    /** It may not, and nothing has changed. */
    record Rejected(Rejection rejection) implements Admission {}
}
