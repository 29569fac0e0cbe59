package io.podslice.managers.placement;

/** The managers' answer. */
public sealed interface Placement {

    /** It fits, like this. */
    record Placed(PodPlacement placement) implements Placement {}

    /**
     * It does not fit.
     *
     * @param reason the kubelet's, e.g. {@code TopologyAffinityError}; {@code Deferred} or {@code Infeasible} for a
     *     resize
     * @param message the kubelet's sentence where it has one, then the numbers
     * @param never whether it would not fit on this node at any time
     */
    record Rejected(String reason, String message, boolean never) implements Placement {}
}
