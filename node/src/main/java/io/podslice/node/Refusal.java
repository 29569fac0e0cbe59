package io.podslice.node;

import io.podslice.managers.placement.Placement;
import io.podslice.managers.topology.Rejection;
import java.util.StringJoiner;
import java.util.stream.Stream;

/**
 * The reason for which podslice refuses a request; every refusal has this form.
 *
 * @param reason the kubelet's reason where it has one, e.g. {@code TopologyAffinityError}, {@code InvalidPodSpec}
 * @param kind the sort of failure, from which a door takes its status code
 * @param message the request's field, value and numbers, and an amount that would fit
 */
public record Refusal(String reason, Kind kind, String message) {

    /** The sort of failure; each door maps it to its own status codes. */
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

    /**
     * Makes the refusal of a pod that the placer rejects: the kubelet's text, then podslice's own detail, in one line.
     */
    public static Refusal of(Placement.Rejected rejected) {
        return of(rejected, "");
    }

    /**
     * Makes the refusal of a pod that the placer rejects, ending in a text of the caller's.
     *
     * @param more the text at the end; empty for none
     */
    public static Refusal of(Placement.Rejected rejected, String more) {
        Rejection why = rejected.rejection();
        StringJoiner text = new StringJoiner("; ").add(why.message());
        Stream.of(why.detail(), more).filter(part -> !part.isEmpty()).forEach(text::add);
        return new Refusal(why.reason(), rejected.never() ? Kind.PRECONDITION : Kind.EXHAUSTED, text.toString());
    }

    /** Returns the text that a user sees: {@code reason: message}. */
    public String text() {
        return reason + ": " + message;
    }
}
