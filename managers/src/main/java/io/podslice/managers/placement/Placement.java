package io.podslice.managers.placement;

import io.podslice.managers.topology.Rejection;

/** The placer's answer. */
public sealed interface Placement {

    /** It fits, like this. */
    record Placed(PodPlacement placement) implements Placement {}

    /**
     * It does not fit.
     *
     * @param rejection the kubelet's reason and text, e.g. {@code TopologyAffinityError}, and our own line; of a resize
     *     the reason is {@code Deferred} or {@code Infeasible}
     * @param never whether it would not fit on an empty node either
     */
    record Rejected(Rejection rejection, boolean never) implements Placement {}
}
