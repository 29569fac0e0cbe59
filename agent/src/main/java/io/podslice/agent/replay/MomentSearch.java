package io.podslice.agent.replay;

import io.podslice.agent.yaml.DocumentException;
import io.podslice.proto.v1.Entry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds the change after which the node was as it was at a moment. A time may have several where the clock was set back: the last
 * one is taken, and the others are told. For one thread, and one recording.
 */
public final class MomentSearch implements Recording.Visitor {
    private static final int MOST_OTHERS = 8;

    private final Moment moment;
    private final Stamps stamps;

    /** The last change so far, of which the end is not known yet. */
    private @Nullable Candidate last;

    private @Nullable Candidate found;
    private final List<Long> others = new ArrayList<>();
    private @Nullable Instant first;
    private Instant latest = Instant.MIN;

    /** A change, and what is known of the time after it. */
    private static final class Candidate {
        private final Place place;
        private final long revision;
        private final Instant time;
        private @Nullable Instant stopped;
        private @Nullable Instant silent;
        private final List<String> notes = new ArrayList<>();

        Candidate(Place place, long revision, Instant time) {
            this.place = place;
            this.revision = revision;
            this.time = time;
        }
    }

    /** @param stamps writes the times in notes */
    public MomentSearch(Moment moment, Stamps stamps) {
        this.moment = moment;
        this.stamps = stamps;
    }

    @Override
    public boolean entry(Entry entry, Place place) throws DocumentException {
        Instant time = Instant.ofEpochMilli(entry.getTime());
        Candidate before = last;
        switch (entry.getContentCase()) {
            case CHANGE -> {
                if (!entry.getChange().getMore()) {
                    end(time);
                    last = new Candidate(place, entry.getRevision(), time);
                    first = first == null ? time : first;
                }
            }
            case STOPPED -> {
                if (before != null) {
                    before.stopped = time;
                }
            }
            case STARTED -> {
                if (before != null && before.stopped == null) {
                    before.silent = latest;
                }
            }
            case GAP -> {
                Instant since = Instant.ofEpochMilli(entry.getGap().getSince());
                if (before != null && !isBefore(since)) {
                    before.notes.add("from " + stamps.text(since) + " to " + stamps.text(time)
                            + " nothing could be recorded: " + entry.getGap().getReason());
                }
            }
            default -> {}
        }
        latest = time;
        return true;
    }

    /** Tells if the moment is a time before the given one. */
    private boolean isBefore(Instant time) {
        return moment instanceof Moment.AtTime(var asked) && asked.isBefore(time);
    }

    /**
     * Looks if the moment is in the time of the last change.
     *
     * @param next the time of the change after it; null if there is none
     */
    private void end(@Nullable Instant next) {
        Candidate ended = last;
        if (ended == null || !isIn(ended, next)) {
            return;
        }
        Candidate before = found;
        if (before != null && moment instanceof Moment.AtTime && others.size() < MOST_OTHERS) {
            others.add(before.revision);
        }
        found = ended;
    }

    private boolean isIn(Candidate change, @Nullable Instant next) {
        Candidate before = found;
        return switch (moment) {
            case Moment.Latest() -> true;
            case Moment.AtRevision(long revision) ->
                change.revision <= revision && (before == null || before.revision <= change.revision);
            case Moment.AtTime(Instant time) ->
                !time.isBefore(change.time) && (next == null || time.isBefore(next) || next.isBefore(change.time));
        };
    }

    /** Returns the place of the change, once all entries have been seen; empty if the recording begins after the moment. */
    public Optional<Place> find() {
        end(null);
        last = null;
        return Optional.ofNullable(found).map(change -> change.place);
    }

    /** Returns what a reader of the state that was found must know, a line each. */
    public List<String> notes() {
        Candidate change = found;
        if (change == null) {
            return List.of();
        }
        List<String> notes = new ArrayList<>();
        Instant stopped = change.stopped;
        if (stopped != null && !isBefore(stopped)) {
            notes.add("podslice stopped at " + stamps.text(stopped)
                    + "; what is shown is the state then, in which pods ran on");
        }
        Instant silent = change.silent;
        if (silent != null && !isBefore(silent)) {
            notes.add("podslice ended at some time after " + stamps.text(silent) + " without a word");
        }
        notes.addAll(change.notes);
        if (moment instanceof Moment.AtTime(Instant time) && latest.isBefore(time) && stopped == null) {
            notes.add("the last entry of the recording is of " + stamps.text(latest));
        }
        if (!others.isEmpty()) {
            notes.add(
                    "the clock was set back, so that this time came several times; the state of the last is shown, and"
                            + " that of the others is at the revisions " + others);
        }
        return notes;
    }

    /** Returns the time of the first change; empty where none was recorded. */
    public Optional<Instant> first() {
        return Optional.ofNullable(first);
    }

    /**
     * Returns the node after the change at a place.
     *
     * @throws DocumentException if that can no longer be read
     */
    public static RecordedNode stateAt(Recording recording, Place place) throws DocumentException {
        RecordedNode node = new RecordedNode();
        boolean[] reached = {false};
        var _ = recording.only(place.file()).read((entry, at) -> {
            var _ = node.apply(entry, at);
            reached[0] = at.equals(place);
            return !reached[0];
        });
        if (!reached[0] || !node.isKnown()) {
            throw new DocumentException(place + ": cannot be read any more; podslice may have deleted it meanwhile");
        }
        return node;
    }
}
