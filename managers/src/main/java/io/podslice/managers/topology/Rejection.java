package io.podslice.managers.topology;

/**
 * Why a pod is not admitted.
 *
 * @param reason the kubelet's reason, e.g. {@code TopologyAffinityError}
 * @param message the kubelet's text
 * @param detail our own line: what was asked, what is free where, and what would fit; may be empty
 */
public record Rejection(String reason, String message, String detail) {

    /** No policy of the topology manager is content with any set of NUMA nodes. */
    public static final String TOPOLOGY_AFFINITY = "TopologyAffinityError";

    /** A pod's exclusive containers would leave nothing to those that share. */
    public static final String EMPTY_POD_SHARED_POOL = "EmptyPodSharedPoolError";

    /** A manager could not allocate, for a reason that has no name of its own. */
    public static final String UNEXPECTED = "UnexpectedAdmissionError";

    /** What a manager reports without a reason of its own, worded as the kubelet does. */
    public static Rejection unexpected(String failure, String detail) {
        return new Rejection(UNEXPECTED, "Allocate failed due to " + failure + ", which is unexpected", detail);
    }

    /** The message, and below it the detail where there is one. */
    public String text() {
        return detail.isEmpty() ? message : message + "\n" + detail;
    }
}
