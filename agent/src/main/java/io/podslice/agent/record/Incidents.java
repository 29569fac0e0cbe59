package io.podslice.agent.record;

import io.podslice.node.NodeIncident;
import io.podslice.node.NodeMeter;
import io.podslice.proto.v1.Incident;
import io.podslice.proto.v1.IncidentKind;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * The incidents that wait for being recorded. Who provokes incidents must not fill the recording with them: one that repeats is told
 * at once and then with its count every ten minutes, and all together have a budget; what exceeds it is counted. Any thread may use it.
 */
final class Incidents implements NodeMeter {
    static final int MOST_WAITING = 256;
    static final int BURST = 128;
    static final Duration REPEAT = Duration.ofMinutes(10);
    static final Duration REFILL = Duration.ofSeconds(10);
    private static final int LONGEST_TEXT = 600;

    private final InstantSource clock;
    private final LongSupplier nanos;

    /** By what two incidents must have in common to be one that repeats; the one that happened longest ago first. */
    private final LinkedHashMap<Incident, Tally> tallies = new LinkedHashMap<>();

    private double budget = BURST;
    private long budgetAt;
    private long skipped;

    /** The repeats of an incident that have not been told. */
    private static final class Tally {
        private long count;
        private long since;
        private long dueAt;
        private String text = "";

        Tally(long dueAt) {
            this.dueAt = dueAt;
        }
    }

    /**
     * @param clock for the times that are told
     * @param nanos as {@link System#nanoTime}
     */
    Incidents(InstantSource clock, LongSupplier nanos) {
        this.clock = clock;
        this.nanos = nanos;
        this.budgetAt = nanos.getAsLong();
    }

    @Override
    public void note(NodeIncident incident) {
        Incident.Builder key = Incident.newBuilder();
        switch (incident) {
            case NodeIncident.Refused(var door, var request, var refusal) ->
                // The numbers of a refusal that repeats may differ each time.
                note(
                        key.setKind(IncidentKind.INCIDENT_KIND_REFUSAL)
                                .setWhere(door.label())
                                .setWhat(cut(request.describe()))
                                .setReason(cut(refusal.reason()))
                                .build(),
                        refusal.message());
            case NodeIncident.Granted _ -> {} // the change of the pods tells it
            case NodeIncident.Resized(var pod, var outcome, var message) ->
                note(
                        key.setKind(IncidentKind.INCIDENT_KIND_RESIZE)
                                .setWhere(cut(outcome))
                                .setWhat(cut(pod.fullName()))
                                .setText(cut(message))
                                .build(),
                        message);
            case NodeIncident.Repaired(var _, var cgroup, var file, var found, var written) -> {
                String text = cut(found) + " -> " + cut(written);
                note(
                        key.setKind(IncidentKind.INCIDENT_KIND_REPAIR)
                                .setWhere(cut(file))
                                .setWhat(cut(cgroup))
                                .setText(cut(text))
                                .build(),
                        text);
            }
        }
    }

    private synchronized void note(Incident key, String text) {
        Tally tally = tallies.remove(key);
        if (tally == null) {
            if (tallies.size() >= MOST_WAITING) {
                Iterator<Tally> oldest = tallies.values().iterator();
                skipped += oldest.next().count;
                oldest.remove();
            }
            tally = new Tally(nanos.getAsLong());
        }
        if (tally.count == 0) {
            tally.since = clock.millis();
        }
        tally.count++;
        tally.text = cut(text);
        tallies.put(key, tally);
    }

    /** Returns the incidents that must be recorded now, and forgets them. */
    synchronized List<Incident> due() {
        long now = nanos.getAsLong();
        budget = Math.min(BURST, budget + (double) (now - budgetAt) / REFILL.toNanos());
        budgetAt = now;
        List<Incident> due = new ArrayList<>();
        for (Iterator<Incident> keys = tallies.keySet().iterator(); keys.hasNext(); ) {
            Incident key = keys.next();
            Tally tally = tallies.get(key);
            if (tally == null || now - tally.dueAt < 0) {
                continue;
            }
            if (tally.count == 0) {
                keys.remove();
            } else if (budget >= 1) {
                budget--;
                due.add(take(key, tally));
                tally.dueAt = now + REPEAT.toNanos();
            }
        }
        return due;
    }

    /** Returns all incidents that have not been told, as the recording ends. */
    synchronized List<Incident> rest() {
        List<Incident> rest = new ArrayList<>();
        tallies.forEach((key, tally) -> {
            if (tally.count > 0) {
                rest.add(take(key, tally));
            }
        });
        return rest;
    }

    private Incident take(Incident key, Tally tally) {
        Incident told = key.toBuilder()
                .setText(tally.text)
                .setCount(tally.count)
                .setSince(tally.since)
                .setSkipped(skipped)
                .build();
        tally.count = 0;
        skipped = 0;
        return told;
    }

    /** Returns a text of bounded length; half a character at the end becomes a question mark. */
    private static String cut(String text) {
        return text.length() <= LONGEST_TEXT ? text : text.substring(0, LONGEST_TEXT) + "...";
    }
}
