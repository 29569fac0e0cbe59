package io.podslice.cluster.events;

import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The events of some minutes, and what of them has not been written yet. It asks no clock and calls nothing: incidents go in,
 * requests come out. It is bounded in memory by {@link #MOST} events, of which the one that has not repeated for the longest
 * time is forgotten first, and in requests by a rate for the node and one for each pod; an event that has to wait goes on
 * counting its repeats. Not safe for use by several threads.
 */
final class EventBook {
    /** The most events, and the most pods whose rates are remembered. */
    static final int MOST = 512;

    /** The most events of one pod. */
    static final int MOST_OF_POD = 16;

    /** A pod's requests: what a tenant can provoke. */
    static final Rate OF_POD = new Rate(10, Duration.ofMinutes(1));

    /** The node's requests, for all pods together. */
    static final Rate OF_NODE = new Rate(30, Duration.ofSeconds(2));

    /** The longest name of an event, as of any object. */
    private static final int LONGEST_NAME = 253;

    private final Consumer<Outcome> tally;

    /** By what repeats have in common; the one whose last incident is longest ago comes first. */
    private final SequencedMap<EventSeries.Key, EventSeries> all = new LinkedHashMap<>();

    private final SequencedMap<String, Long> usedOfPods = new LinkedHashMap<>();
    private long usedOfNode;
    private long lastId;

    /** A request to the API server that is due. */
    sealed interface Request {
        EventSeries series();

        /** Creates the event; with a series, if it has repeated already. */
        record Create(EventSeries series) implements Request {}

        /** Updates the series of an event that is there. */
        record Update(EventSeries series) implements Request {}
    }

    /** @param tally hears what becomes of incidents; called by the methods here, and must return soon */
    EventBook(Consumer<Outcome> tally) {
        this.tally = tally;
    }

    /**
     * Takes an incident in.
     *
     * @return true if the moment of the next request may have changed
     */
    boolean add(PodIncident incident, Moment now) {
        EventSeries.Key key = EventSeries.Key.of(incident);
        EventSeries before = all.remove(key);
        if (before != null && !before.hasEnded(now.nanos())) {
            all.putLast(key, before.repeated(now));
            tally.accept(Outcome.AGGREGATED);
            return !before.hasNews();
        }
        if (before != null) {
            forgotten(before);
        }
        makeRoom(key.uid());
        all.putLast(key, EventSeries.begun(incident, name(incident, now.time()), now));
        return true;
    }

    /** Forgets an event of the pod where it has too many, or else of any pod. */
    private void makeRoom(String uid) {
        EventSeries oldest = null;
        int ofPod = 0;
        for (EventSeries series : all.values()) {
            if (series.key().uid().equals(uid)) {
                oldest = oldest == null ? series : oldest;
                ofPod++;
            }
        }
        if (oldest != null && ofPod >= MOST_OF_POD) {
            all.remove(oldest.key());
            forgotten(oldest);
        } else if (all.size() >= MOST) {
            forgotten(all.pollFirstEntry().getValue());
        }
    }

    private void forgotten(EventSeries series) {
        if (series.hasNews()) {
            tally.accept(Outcome.DROPPED);
        }
    }

    /** Returns a name as client-go's: the pod's, and a number that grows with time. */
    private String name(PodIncident incident, Instant time) {
        lastId = Math.max(lastId + 1, time.getEpochSecond() * 1_000_000_000 + time.getNano());
        String number = String.format(".%016x", lastId);
        String pod = incident.pod().name();
        int most = LONGEST_NAME - number.length();
        return (pod.length() <= most ? pod : pod.substring(0, most).replaceAll("[-.]+$", "")) + number;
    }

    /** Returns the request that is due, and counts it as made; empty if none is. */
    Optional<Request> take(Moment now) {
        forgetEnded(now.nanos());
        EventSeries due = null;
        for (EventSeries series : all.values()) {
            if (due(series, now.nanos()) <= now.nanos()) {
                due = series;
                break;
            }
        }
        if (due == null) {
            return Optional.empty();
        }
        usedOfNode = OF_NODE.after(usedOfNode, now.nanos());
        String uid = due.incident().pod().uid();
        long used = OF_POD.after(usedOfPod(uid, now.nanos()), now.nanos());
        usedOfPods.remove(uid);
        usedOfPods.putLast(uid, used);
        if (usedOfPods.size() > MOST) {
            var _ = usedOfPods.pollFirstEntry();
        }
        return Optional.of(due.written() == 0 ? new Request.Create(due) : new Request.Update(due));
    }

    private void forgetEnded(long now) {
        for (Iterator<EventSeries> series = all.values().iterator(); series.hasNext(); ) {
            EventSeries one = series.next();
            if (one.hasEnded(now)) {
                forgotten(one);
                series.remove();
            }
        }
    }

    private long usedOfPod(String uid, long now) {
        return usedOfPods.getOrDefault(uid, now);
    }

    private long due(EventSeries series, long now) {
        long due = series.due();
        return due == EventSeries.NEVER
                ? due
                : Math.max(
                        due,
                        Math.max(
                                OF_NODE.next(usedOfNode),
                                OF_POD.next(usedOfPod(series.incident().pod().uid(), now))));
    }

    /** Returns the moment in nanoseconds at which a request is due, if no incident comes before; never: Long.MAX_VALUE. */
    long next(long now) {
        long next = EventSeries.NEVER;
        for (EventSeries series : all.values()) {
            next = Math.min(next, due(series, now));
        }
        return next;
    }

    /** Takes note that the API server has done what was asked. */
    void done(Request request, Moment now) {
        tally.accept(request instanceof Request.Create ? Outcome.CREATED : Outcome.UPDATED);
        replace(request, request.series().count(), now);
    }

    /** Takes note that the API server no longer has the event: it is created anew, with its series. */
    void gone(Request request, Moment now) {
        replace(request, 0, now);
    }

    private void replace(Request request, int written, Moment now) {
        // Repeats may have come meanwhile, and another series may have begun.
        @Nullable EventSeries present = present(request);
        if (present != null) {
            all.replace(present.key(), present.written(written, now));
        }
    }

    private @Nullable EventSeries present(Request request) {
        EventSeries present = all.get(request.series().key());
        return present != null && present.name().equals(request.series().name()) ? present : null;
    }

    /** Takes note that the API server will never do what was asked. */
    void refused(Request request) {
        tally.accept(Outcome.ERROR);
        @Nullable EventSeries present = present(request);
        if (present != null) {
            all.remove(present.key());
        }
    }

    /** Takes note that the API server has not done what was asked; it is asked again. */
    void failed() {
        tally.accept(Outcome.ERROR);
    }

    /** Returns the number of events. */
    int size() {
        return all.size();
    }
}
