package io.podslice.node;

import io.podslice.managers.placement.Placement;
import io.podslice.managers.topology.Rejection;
import java.util.StringJoiner;
import java.util.stream.Stream;

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

    /** What a door says of a pod that the placer rejects: the kubelet's text, then our own line, in one. */
    public static Refusal of(Placement.Rejected rejected) {
        return of(rejected, "");
    }

    /** The same with more to say at the end. */
    public static Refusal of(Placement.Rejected rejected, String more) {
        Rejection why = rejected.rejection();
        StringJoiner text = new StringJoiner("; ").add(why.message());
        Stream.of(why.detail(), more).filter(part -> !part.isEmpty()).forEach(text::add);
        return new Refusal(why.reason(), rejected.never() ? Kind.PRECONDITION : Kind.EXHAUSTED, text.toString());
    }

    /** The text that a user sees: {@code reason: message}. */
    public String text() {
        return reason + ": " + message;
    }
}
