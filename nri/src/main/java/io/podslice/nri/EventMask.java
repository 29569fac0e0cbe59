package io.podslice.nri;

import io.podslice.proto.nri.v1alpha1.Event;
import java.util.List;

/**
 * The events that podslice subscribes to, by name: a mask of 0 would mean all that the runtime knows, validation of
 * other plugins' adjustments among them, and a bit that the runtime does not know makes it reject the plugin.
 */
final class EventMask {
    private static final List<Event> ALWAYS = List.of(
            Event.RUN_POD_SANDBOX,
            Event.STOP_POD_SANDBOX,
            Event.REMOVE_POD_SANDBOX,
            Event.CREATE_CONTAINER,
            Event.START_CONTAINER,
            Event.UPDATE_CONTAINER,
            Event.STOP_CONTAINER,
            Event.REMOVE_CONTAINER);

    private static final List<Event> POD_UPDATES = List.of(Event.UPDATE_POD_SANDBOX, Event.POST_UPDATE_POD_SANDBOX);

    private EventMask() {}

    /** Returns the mask, with bit N-1 for event N. */
    static int of(NriVersion runtime) {
        return runtime.isAtLeast(NriVersion.POD_UPDATES) ? bits(ALWAYS) | bits(POD_UPDATES) : bits(ALWAYS);
    }

    private static int bits(List<Event> events) {
        int mask = 0;
        for (Event event : events) {
            mask |= 1 << (event.getNumber() - 1);
        }
        return mask;
    }
}
