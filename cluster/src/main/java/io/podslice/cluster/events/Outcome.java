package io.podslice.cluster.events;

import io.podslice.node.NodeCounter;
import java.util.Locale;

/** The outcome of an incident or of a request, for {@link NodeCounter#EVENTS}. */
enum Outcome {
    /** An event was created. */
    CREATED,
    /** The series of an event was updated. */
    UPDATED,
    /** A repeat was added to an event. */
    AGGREGATED,
    /** An event was forgotten before all of it was written. */
    DROPPED,
    /** The API server has not done what was asked. */
    ERROR;

    /** Returns the value of the metric's label. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
