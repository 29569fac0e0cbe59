package io.podslice.cluster.events;

import java.time.Duration;

/**
 * An event and its repeats.
 *
 * @param incident the first incident: the note of an event cannot change
 * @param name the event's name in its namespace
 * @param first the first incident's moment
 * @param last the last incident's moment
 * @param count the number of incidents, at least 1
 * @param written the number of incidents that the API server knows of; 0 while it has no such event
 * @param writing the moment of the last writing; the first incident's while there has been none
 */
record EventSeries(
        PodIncident incident, String name, Moment first, Moment last, int count, int written, Moment writing) {
    /** The least time between two updates of a series; the first repeat is written at once. */
    static final Duration UPDATE_PAUSE = Duration.ofMinutes(5);

    /** The time without a repeat after which a series has ended. It is longer than {@link #UPDATE_PAUSE}, so its end is written. */
    static final Duration END = Duration.ofMinutes(6);

    /** The time after which an event that could not be written is no news any more: the API server keeps events for an hour. */
    static final Duration NEWS = Duration.ofHours(1);

    /** The moment of what is never due. */
    static final long NEVER = Long.MAX_VALUE;

    /** Incidents are repeats of each other if they have this in common. */
    record Key(String uid, EventKind kind, String distinction) {
        static Key of(PodIncident incident) {
            return new Key(incident.pod().uid(), incident.kind(), incident.distinction());
        }
    }

    static EventSeries begun(PodIncident incident, String name, Moment now) {
        return new EventSeries(incident, name, now, now, 1, 0, now);
    }

    Key key() {
        return Key.of(incident);
    }

    EventSeries repeated(Moment now) {
        return new EventSeries(
                incident, name, first, now, count == Integer.MAX_VALUE ? count : count + 1, written, writing);
    }

    /** Returns this series after a request that has written so many incidents of it; 0 where the event has gone. */
    EventSeries written(int incidents, Moment now) {
        return new EventSeries(incident, name, first, last, count, incidents, now);
    }

    /** Tells if the API server does not know of all incidents. */
    boolean hasNews() {
        return count > written;
    }

    /** Returns the moment in nanoseconds at which it is written next. */
    long due() {
        if (!hasNews()) {
            return NEVER;
        }
        // The first repeat tells people that it goes on.
        return written <= 1 ? last.nanos() : writing.nanos() + UPDATE_PAUSE.toNanos();
    }

    /** Tells if the next incident begins another series, and this one can be forgotten. */
    boolean hasEnded(long now) {
        return hasNews() ? now - last.nanos() > NEWS.toNanos() : now - last.nanos() > END.toNanos();
    }
}
