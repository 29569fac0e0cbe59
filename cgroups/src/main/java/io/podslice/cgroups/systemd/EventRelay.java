package io.podslice.cgroups.systemd;

import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells listeners of events on a thread of its own, which lives as long as there is something to tell. Events of one
 * kind that come while listeners are busy become one, so that a storm of them costs no more than a listener can do.
 */
final class EventRelay {
    private static final Logger log = LoggerFactory.getLogger(EventRelay.class);

    /** An event that listeners are told of. */
    enum Event {
        RELOADED,
        RECONNECTED
    }

    private final List<SystemdManager.Listener> listeners = new CopyOnWriteArrayList<>();
    private final Set<Event> untold = EnumSet.noneOf(Event.class);
    private boolean telling;

    SystemdManager.Watch watch(SystemdManager.Listener listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    /** Has the event told, and returns at once. */
    synchronized void happened(Event event) {
        untold.add(event);
        if (!telling) {
            telling = true;
            Thread.ofVirtual().name("systemd events").start(this::tell);
        }
    }

    private void tell() {
        for (Set<Event> next = next(); !next.isEmpty(); next = next()) {
            for (Event event : next) {
                listeners.forEach(listener -> tell(listener, event));
            }
        }
    }

    private synchronized Set<Event> next() {
        Set<Event> next = EnumSet.copyOf(untold);
        untold.clear();
        telling = !next.isEmpty();
        return next;
    }

    private static void tell(SystemdManager.Listener listener, Event event) {
        try {
            switch (event) {
                case RELOADED -> listener.reloaded();
                case RECONNECTED -> listener.reconnected();
            }
        } catch (RuntimeException e) {
            // One listener's failure must not keep the event from the others.
            log.error("systemd {}: a listener failed", event.name().toLowerCase(Locale.ROOT), e);
        }
    }
}
