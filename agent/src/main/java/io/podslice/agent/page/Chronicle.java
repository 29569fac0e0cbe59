package io.podslice.agent.page;

import io.podslice.node.NodeIncident;
import io.podslice.node.NodeMeter;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The incidents of the last hour, of each kind a bounded number; one that repeats is counted. Calls that pass leave no trace here.
 * Any thread may use it.
 */
final class Chronicle implements NodeMeter {
    static final Duration KEPT = Duration.ofHours(1);
    private static final int LONGEST_TEXT = 600;

    /** The kinds of incidents. */
    enum Kind {
        REFUSAL(128),
        RESIZE(64),
        REPAIR(64);

        private final int most;

        Kind(int most) {
            this.most = most;
        }

        /** Returns the most incidents of this kind that are kept: of more, those that are longest ago are forgotten. */
        int most() {
            return most;
        }
    }

    /**
     * An incident that happened once or several times.
     *
     * @param where the door of a refusal, the outcome of a resize; empty for a repair
     * @param what the request, the pod, or the cgroup's file
     * @param reason of a refusal; empty for others
     * @param text what was said when it happened last
     */
    record Entry(String where, String what, String reason, String text, Instant first, Instant last, long count) {}

    /** The things that two incidents must have in common to be one that repeats. */
    private record Key(String where, String what, String reason, String text) {}

    private final Clock clock;
    private final Map<Kind, LinkedHashMap<Key, Entry>> all = new EnumMap<>(Kind.class);
    private long version;

    Chronicle(Clock clock) {
        this.clock = clock;
        for (Kind kind : Kind.values()) {
            all.put(kind, new LinkedHashMap<>());
        }
    }

    @Override
    public void note(NodeIncident incident) {
        switch (incident) {
            // The numbers of a refusal that repeats may differ each time.
            case NodeIncident.Refused(var door, var request, var refusal) ->
                note(
                        Kind.REFUSAL,
                        new Key(door.label(), cut(request.describe()), refusal.reason(), ""),
                        refusal.message());
            case NodeIncident.Granted _ -> {
                // The page shows the pod itself.
            }
            case NodeIncident.Resized(var pod, var outcome, var message) ->
                note(Kind.RESIZE, new Key(outcome, cut(pod.fullName()), "", cut(message)), message);
            case NodeIncident.Repaired(var _, var cgroup, var file, var found, var written) -> {
                String text = file + ": " + cut(found) + " \u2192 " + cut(written);
                note(Kind.REPAIR, new Key("", cut(cgroup), "", text), text);
            }
        }
    }

    private synchronized void note(Kind kind, Key key, String text) {
        Map<Key, Entry> entries = entries(kind);
        Instant now = clock.instant();
        Entry before = entries.remove(key);
        if (entries.size() >= kind.most()) {
            var oldest = entries.keySet().iterator();
            oldest.next();
            oldest.remove();
        }
        boolean repeats = before != null && before.last.isAfter(now.minus(KEPT));
        Instant first = before != null && repeats ? before.first : now;
        long count = before != null && repeats ? before.count + 1 : 1;
        entries.put(key, new Entry(key.where, key.what, key.reason, cut(text), first, now, count));
        version++;
    }

    private Map<Key, Entry> entries(Kind kind) {
        return Objects.requireNonNull(all.get(kind));
    }

    private static String cut(String text) {
        return text.length() <= LONGEST_TEXT ? text : text.substring(0, LONGEST_TEXT) + "...";
    }

    /** Returns the incidents of the last hour of that kind, the latest first. */
    synchronized List<Entry> lastHour(Kind kind) {
        Instant from = clock.instant().minus(KEPT);
        entries(kind).values().removeIf(entry -> entry.last.isBefore(from));
        return new ArrayList<>(entries(kind).values()).reversed();
    }

    /** Returns a number that grows with each incident. */
    synchronized long version() {
        return version;
    }
}
