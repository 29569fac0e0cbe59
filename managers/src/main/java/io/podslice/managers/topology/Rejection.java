package io.podslice.managers.topology;

import java.util.Locale;

/**
 * The reason for which a pod is not admitted.
 *
 * @param manager the manager that does not admit it
 * @param reason the kubelet's reason, e.g. {@code TopologyAffinityError}
 * @param message the kubelet's text
 * @param detail podslice's own line: the request, the free amounts by node, and the most that would fit; may be empty
 * @param brief the request, what is free, and what would fit, in so few words that a reader sees them who sees no more; empty
 *     where message and detail are short
 */
public record Rejection(Manager manager, String reason, String message, String detail, String brief) {

    /** A rejection whose texts are short. */
    public Rejection(Manager manager, String reason, String message, String detail) {
        this(manager, reason, message, detail, "");
    }

    /** A manager that can reject a pod. */
    public enum Manager {
        TOPOLOGY,
        CPU,
        MEMORY;

        /** The name in the kubelet's metrics, e.g. {@code cpu}. */
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** The topology manager's policy admits none of the possible sets of NUMA nodes. */
    public static final String TOPOLOGY_AFFINITY = "TopologyAffinityError";

    /** A pod's exclusive containers would leave nothing to its shared containers. */
    public static final String EMPTY_POD_SHARED_POOL = "EmptyPodSharedPoolError";

    /** A manager could not allocate, for a reason that has no name of its own. */
    public static final String UNEXPECTED = "UnexpectedAdmissionError";

    /** Returns the rejection for a failure without a reason of its own, worded as the kubelet does. */
    public static Rejection unexpected(Manager manager, String failure, String detail) {
        return new Rejection(
                manager, UNEXPECTED, "Allocate failed due to " + failure + ", which is unexpected", detail);
    }

    /** Returns this rejection with another line of podslice's own. */
    public Rejection withDetail(String other) {
        return new Rejection(manager, reason, message, other, brief);
    }

    /** Returns this rejection with the few words that come first. */
    public Rejection withBrief(String other) {
        return new Rejection(manager, reason, message, detail, other);
    }

    /** Returns the message, and below it the detail where there is one. */
    public String text() {
        return detail.isEmpty() ? message : message + "\n" + detail;
    }
}
