package io.podslice.node;

import java.time.Instant;

/**
 * Where a pod's resize stands, as Kubernetes says it in the pod's conditions.
 *
 * @param reason {@link #DEFERRED} or {@link #INFEASIBLE} of one that is pending; of one in progress empty, or
 *     {@link #ERROR}
 * @param message what was asked, with the numbers, and what stands in its way
 * @param since when it came to be so
 */
public record ResizeCondition(Type type, String reason, String message, Instant since) {

    /** It does not fit now. */
    public static final String DEFERRED = "Deferred";

    /** It never will. */
    public static final String INFEASIBLE = "Infeasible";

    /** A step of it failed. */
    public static final String ERROR = "Error";

    /** Kubernetes' types of condition. */
    public enum Type {
        /** It is wanted, and the pod does not have it. */
        PENDING("PodResizePending"),
        /** The pod has been granted it, and not everything says so yet. */
        IN_PROGRESS("PodResizeInProgress");

        private final String text;

        Type(String text) {
            this.text = text;
        }

        /** As Kubernetes writes it, e.g. {@code PodResizePending}. */
        public String text() {
            return text;
        }
    }
}
