package io.podslice.node;

import java.time.Instant;

/**
 * A condition of a pod's resize, in the form of Kubernetes' pod conditions.
 *
 * @param reason {@link #DEFERRED} or {@link #INFEASIBLE} for a pending resize; empty or {@link #ERROR} for one in
 *     progress
 * @param message the requested amounts, with the numbers, and the obstacle
 * @param since the time since which the condition holds
 */
public record ResizeCondition(Type type, String reason, String message, Instant since) {

    /** The reason of a pending resize that does not fit now. */
    public static final String DEFERRED = "Deferred";

    /** The reason of a pending resize that can never fit on this node. */
    public static final String INFEASIBLE = "Infeasible";

    /** The reason of a resize in progress of which a step failed. */
    public static final String ERROR = "Error";

    /** Kubernetes' types of condition. */
    public enum Type {
        /** The pod's desired amounts are not granted. */
        PENDING("PodResizePending"),
        /** The amounts are granted, and not yet in force everywhere. */
        IN_PROGRESS("PodResizeInProgress");

        private final String text;

        Type(String text) {
            this.text = text;
        }

        /** Returns the type as Kubernetes writes it, e.g. {@code PodResizePending}. */
        public String text() {
            return text;
        }
    }
}
