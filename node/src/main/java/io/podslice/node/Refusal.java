package io.podslice.node;

/**
 * Why podslice refuses a request, in the one shape that every refusal has.
 *
 * @param reason the kubelet's reason where it has one, e.g. {@code TopologyAffinityError}, {@code InvalidPodSpec}
 * @param kind what sort of failure it is, for the status code
 * @param message what was asked, with field, value and numbers, and what would fit
 */
public record Refusal(String reason, Kind kind, String message) {

    /** What sort of failure a refusal is; a door maps it to its own status codes. */
    public enum Kind {
        /** A field of the request cannot be used, now or later. */
        INVALID,
        /** The node has not enough left of something, now. */
        EXHAUSTED,
        /** The request goes against the state of the node or of the pod. */
        PRECONDITION,
        /** podslice or the kernel failed. */
        INTERNAL
    }

    /** The text that a user sees: {@code reason: message}. */
    public String text() {
        return reason + ": " + message;
    }
}
