package io.podslice.managers.placement;

import io.podslice.managers.topology.Rejection;

/** The placer's answer. */
public sealed interface Placement {

    /** The pod fits, with this placement. */
    record Placed(PodPlacement placement) implements Placement {}

    /**
     * The pod does not fit.
     *
     * @param rejection the kubelet's reason and text, e.g. {@code TopologyAffinityError}, and podslice's own line; for
     *     a resize the reason is {@code Deferred} or {@code Infeasible}
     * @param never true if the pod would not fit on an empty node either
     */
    record Rejected(Rejection rejection, boolean never) implements Placement {}
}
