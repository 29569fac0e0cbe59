package io.podslice.cluster.events;

/** The kinds of events, with the words by which people and programs look for them. */
enum EventKind {
    GRANTED("PodSliceGranted", Type.NORMAL, Action.ADMITTING),
    REFUSED("PodSliceRefused", Type.WARNING, Action.ADMITTING),
    RESIZED("PodSliceGranted", Type.NORMAL, Action.RESIZING),
    DEFERRED("PodSliceDeferred", Type.WARNING, Action.RESIZING),
    INFEASIBLE("PodSliceInfeasible", Type.WARNING, Action.RESIZING),
    RESIZE_FAILED("PodSliceResizeFailed", Type.WARNING, Action.RESIZING),
    DRIFT_REPAIRED("PodSliceDriftRepaired", Type.WARNING, Action.REPAIRING);

    /** The values of {@code type} that the API knows. */
    private static final class Type {
        static final String NORMAL = "Normal";
        static final String WARNING = "Warning";
    }

    private static final class Action {
        static final String ADMITTING = "Admitting";
        static final String RESIZING = "Resizing";
        static final String REPAIRING = "Repairing";
    }

    private final String reason;
    private final String type;
    private final String action;

    EventKind(String reason, String type, String action) {
        this.reason = reason;
        this.type = type;
        this.action = action;
    }

    /** Returns {@code reason}. */
    String reason() {
        return reason;
    }

    /** Returns {@code type}. */
    String type() {
        return type;
    }

    /** Returns {@code action}. */
    String action() {
        return action;
    }
}
