package io.podslice.node;

import io.podslice.managers.placement.Placement;
import io.podslice.managers.pod.Printable;
import io.podslice.managers.topology.Rejection;
import java.util.StringJoiner;
import java.util.stream.Stream;

/**
 * The reason for which podslice refuses a request; every refusal has this form.
 *
 * @param reason the kubelet's reason where it has one, e.g. {@code TopologyAffinityError}, {@code InvalidPodSpec}
 * @param kind the sort of failure, from which a door takes its status code
 * @param summary the kubelet's text where it has one, else the request's field, value and numbers
 * @param detail podslice's own line: what was asked, what is free, and an amount that would fit; may be empty
 * @param brief summary and detail in a few words; the text begins with it, since some programs show only the first {@value #FIRST}
 *     characters; empty where summary and detail are short
 */
public record Refusal(String reason, Kind kind, String summary, String detail, String brief) {
    /** The number of characters of the text within which reason, request, what is free and what would fit stand. */
    public static final int FIRST = 120;

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

    /** Makes the texts printable: a tenant may have written parts of them, and they reach terminals, logs and the API server. */
    public Refusal {
        summary = Printable.of(summary);
        detail = Printable.of(detail);
        brief = Printable.of(brief);
    }

    /** Makes a refusal whose texts are short. */
    public Refusal(String reason, Kind kind, String summary, String detail) {
        this(reason, kind, summary, detail, "");
    }

    /** Makes a refusal that has one text. */
    public Refusal(String reason, Kind kind, String message) {
        this(reason, kind, message, "");
    }

    /** Makes the refusal of a pod that the placer rejects: the kubelet's text, then podslice's own line. */
    public static Refusal of(Placement.Rejected rejected) {
        return of(rejected, "");
    }

    /**
     * Makes the refusal of a pod that the placer rejects.
     *
     * @param more the end of podslice's own line; empty for none
     */
    public static Refusal of(Placement.Rejected rejected, String more) {
        Rejection why = rejected.rejection();
        return new Refusal(
                why.reason(),
                rejected.never() ? Kind.PRECONDITION : Kind.EXHAUSTED,
                why.message(),
                joined(why.detail(), more),
                why.brief());
    }

    private static String joined(String... parts) {
        StringJoiner text = new StringJoiner("; ");
        Stream.of(parts).filter(part -> !part.isEmpty()).forEach(text::add);
        return text.toString();
    }

    /** Returns all texts in one line, the brief one first. */
    public String message() {
        return joined(brief, summary, detail);
    }

    /** Returns the text that a user sees: {@code reason: message}. */
    public String text() {
        return reason + ": " + message();
    }
}
