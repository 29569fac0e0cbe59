package io.podslice.node.state;

import io.podslice.cgroups.Plan;
import io.podslice.cgroups.Step;
import io.podslice.managers.pod.Printable;
import io.podslice.node.NodeCounter;
import io.podslice.node.NodeMeter;
import io.podslice.node.StateDisk;
import io.podslice.node.StateException;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The state as two readable files in a folder: {@code state.json}, the whole state, versioned and replaced atomically;
 * and {@code journal}, the differences since. Both are read and written in bounded memory. A file that cannot be used is
 * set aside under another name, and what can be read counts: a damaged file never keeps podslice from starting.
 *
 * <p>Only the beginning of a plan is synced to disk. Any other line may be lost when the machine loses power, and then
 * the cgroups that it is about are gone too; a podslice that is killed loses nothing that it has written.
 */
public final class FileStateStore implements StateStore {
    private static final String STATE = "state.json";
    private static final String JOURNAL = "journal";
    /** The most characters of pods' annotations after a line; there is some room for a state file of a worse podslice. */
    private static final int MOST_CHARACTERS = StateRoom.MOST_CHARACTERS / 4 * 5;

    private static final int MOST_QUOTED = 200;
    private static final String TORN = "does not fit its checksum";

    /** The least bytes of a journal that is full; a larger state has a longer journal, for emptying it costs more. */
    private static final long FULL_BYTES = 1 << 20;

    /** The most bytes of a journal that are read; one that is full has less. */
    private static final long MOST_JOURNAL_BYTES = 64 << 20;

    /** Immutable, and shared because making one is expensive. */
    private static final JsonMapper MAPPER = JsonMapper.builder(StateFileReader.bounded())
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
            .build();

    private final StateDisk disk;
    private final Clock clock;
    private final String bootId;
    private final NodeMeter meter;

    /** The number of the change that was begun or recorded last. */
    private long number;

    private long journalBytes;
    /** The bytes of the state file that was written last. */
    private long stateBytes;
    /** The name under which a damaged journal is set aside once its good lines are in the state file; empty for none. */
    private String journalAside = "";

    private boolean begun;
    /** True once the folder has the state of this podslice; until then nothing may rely on it. */
    private boolean opened;

    /**
     * @param clock gives the time in the names of files that are set aside
     * @param bootId id of the running kernel's boot ({@code /proc/sys/kernel/random/boot_id}): cgroups and sandboxes of
     *     another boot are gone; empty for not known
     */
    public FileStateStore(StateDisk disk, Clock clock, String bootId) {
        this(disk, clock, bootId, NodeMeter.NONE);
    }

    /** @param meter counts lines of the journal; the other parameters are those of the other constructor */
    public FileStateStore(StateDisk disk, Clock clock, String bootId, NodeMeter meter) {
        this.disk = disk;
        this.clock = clock;
        this.bootId = bootId;
        this.meter = meter;
    }

    @Override
    public Saved load() {
        List<String> remarks = new ArrayList<>();
        StateFileReader.Content file = readState(remarks);
        Replay replay = new Replay(file.state(), file.generation());
        readJournal(replay, remarks);
        number = replay.number;
        begun = false;
        opened = false;
        boolean otherBoot =
                !file.bootId().isEmpty() && !bootId.isEmpty() && !file.bootId().equals(bootId);
        if (otherBoot) {
            remarks.add("the machine was started anew since: "
                    + replay.state.pods().size() + " pods of its time before are dropped");
            return new Saved(NodeState.EMPTY, Plan.EMPTY, remarks);
        }
        return new Saved(replay.state, replay.undo(), remarks);
    }

    private StateFileReader.Content readState(List<String> remarks) {
        StateFileReader.Content content;
        try {
            content = new StateFileReader(MAPPER).read(disk, STATE);
        } catch (IOException e) {
            remarks.add("state file " + disk.path(STATE) + " cannot be read: " + e + setAside(STATE));
            return StateFileReader.Content.NONE;
        } catch (StateFileReader.UnusableException e) {
            remarks.add("state file " + disk.path(STATE) + " " + e.getMessage() + setAside(STATE));
            return StateFileReader.Content.NONE;
        }
        if (!content.faults().isEmpty()) {
            remarks.add(
                    "state file " + disk.path(STATE) + " " + content.faults() + "; the other pods are used" + kept());
        }
        return content;
    }

    /** Keeps the state file beside the one that will replace it; returns the result, as an addition to a remark. */
    private String kept() {
        String aside = aside(STATE);
        try {
            disk.keep(STATE, aside);
            return "; kept as " + aside;
        } catch (IOException | UnsupportedOperationException e) {
            return "; it cannot be kept: " + e;
        }
    }

    private String aside(String name) {
        return name + ".unusable-" + clock.instant().toEpochMilli();
    }

    /** Sets the file aside; returns the result, as an addition to a remark. */
    private String setAside(String name) {
        String aside = aside(name);
        try {
            disk.rename(name, aside);
            return "; set aside as " + aside;
        } catch (IOException e) {
            return "; it cannot be set aside: " + e;
        }
    }

    private void readJournal(Replay replay, List<String> remarks) {
        String wrong;
        try (InputStream in = disk.read(JOURNAL).orElse(InputStream.nullInputStream())) {
            wrong = replayed(new BoundedLines(in, JournalLine.MOST_BYTES, MOST_JOURNAL_BYTES), replay);
        } catch (IOException e) {
            remarks.add("journal " + disk.path(JOURNAL) + " cannot be read: " + e + setAside(JOURNAL));
            return;
        }
        if (!wrong.isEmpty()) {
            // Until the state file has what its good lines say, it stays where a next start finds it.
            journalAside = aside(JOURNAL);
            remarks.add("journal " + disk.path(JOURNAL) + " " + wrong + "; what follows is not used; set aside as "
                    + journalAside);
        }
    }

    /** Replays the journal up to the first line that cannot be used; returns what is wrong with that, or nothing. */
    private String replayed(BoundedLines lines, Replay replay) throws IOException {
        while (lines.next()) {
            if (lines.isTooLong()) {
                return "line " + lines.number() + " is longer than " + JournalLine.MOST_BYTES + " bytes";
            }
            String wrong = lines.isWhole() ? replay(lines.text(), replay) : null;
            if (wrong != null) {
                int number = lines.number();
                boolean last = !lines.next();
                if (!(last && wrong.equals(TORN))) {
                    return "line " + number + " " + wrong;
                }
            }
        }
        return lines.isCutOff() ? "is longer than " + MOST_JOURNAL_BYTES + " bytes" : "";
    }

    /** Replays a line; returns what is wrong with it, null if nothing is. */
    private @Nullable String replay(byte[] line, Replay replay) {
        try {
            JournalLine read = JournalLine.read(line, MAPPER);
            if (read == null) {
                return TORN;
            }
            replay.next(read);
            return null;
        } catch (RuntimeException e) {
            String text = new String(line, 0, Math.min(line.length, MOST_QUOTED), StandardCharsets.UTF_8);
            return "cannot be understood: " + e.getMessage() + " in \"" + Printable.of(text) + '"';
        }
    }

    /** The state of the state file, changed line by line as the journal is read. */
    private static final class Replay {
        private NodeState state;
        private long number;
        /** The number of the change that the last lines are about, which begins or is recorded with the last of them. */
        private long parts;
        /** The state after the change that the last lines are about. */
        private NodeState next;
        /** The steps that take that change back. */
        private final List<Step> undo = new ArrayList<>();

        private boolean begun;

        Replay(NodeState state, long number) {
            this.state = state;
            this.next = state;
            this.number = number;
        }

        /** Returns the plan that takes back the change that was begun and not settled. */
        Plan undo() {
            return begun ? new Plan(undo) : Plan.EMPTY;
        }

        /**
         * Applies a line; skips one whose change the state file has already, left over from before the file was saved.
         */
        void next(JournalLine line) {
            if (line.number() < number || (line.number() == number && !begun)) {
                return;
            }
            switch (line) {
                case JournalLine.Part part -> add(part.number(), part.undo(), part.change());
                case JournalLine.Begin begin -> {
                    add(begin.number(), begin.undo(), begin.change());
                    number = begin.number();
                    begun = true;
                }
                case JournalLine.Done done -> {
                    state = begun ? next : state;
                    settled(done.number());
                }
                case JournalLine.Undone undone -> settled(undone.number());
                case JournalLine.Recorded recorded -> {
                    add(recorded.number(), Plan.EMPTY, recorded.change());
                    state = next;
                    settled(recorded.number());
                }
            }
        }

        private void add(long of, Plan steps, JsonNode change) {
            if (begun || of != parts) {
                begun = false;
                undo.clear();
                next = state;
                parts = of;
            }
            undo.addAll(steps.steps());
            next = JournalLine.applied(next, change, MAPPER);
            if (next.pods().size() > StateFileReader.MOST_PODS || StateRoom.charactersOf(next) > MOST_CHARACTERS) {
                throw new IllegalArgumentException("the pods are more than podslice keeps");
            }
        }

        /** Settles the change that was begun; the next one is begun or recorded only after that. */
        private void settled(long change) {
            number = change;
            parts = 0;
            begun = false;
            undo.clear();
            next = state;
        }
    }

    @Override
    public void begin(String occasion, Plan undo, StateChange change) {
        checkOpened();
        append("begin", number + 1, true, writer -> writer.begin(occasion, undo, change));
        number++;
        begun = true;
    }

    @Override
    public void commit() {
        if (begun) {
            append("done", number, false, JournalWriter::done);
            begun = false;
        }
    }

    @Override
    public void undone() {
        if (begun) {
            begun = false;
            append("undone", number, false, JournalWriter::undone);
        }
    }

    @Override
    public void record(String occasion, StateChange change) {
        checkOpened();
        append("recorded", number + 1, false, writer -> writer.recorded(occasion, change));
        number++;
    }

    private void checkOpened() {
        if (!opened) {
            throw new StateException(disk.path(STATE), "could not be written yet", null);
        }
    }

    /** Appends an event; until its last line is written, the lines before it count for nothing. */
    private void append(String event, long change, boolean sync, Consumer<JournalWriter> written) {
        long[] end = {journalBytes};
        written.accept(new JournalWriter(change, MAPPER, (bytes, last) -> {
            try {
                disk.append(JOURNAL, end[0], bytes, sync && last);
            } catch (IOException e) {
                throw new StateException(disk.path(JOURNAL), "cannot be written: " + e, e);
            }
            end[0] += bytes.length;
        }));
        journalBytes = end[0];
        meter.count(NodeCounter.JOURNAL_WRITES, event);
    }

    @Override
    public boolean isFull() {
        return journalBytes > Math.max(FULL_BYTES, stateBytes);
    }

    @Override
    public void checkpoint(NodeState state) {
        try {
            disk.replace(STATE, out -> {
                Counted counted = new Counted(out);
                StateFileWriter.write(state, number, bootId, MAPPER, counted);
                stateBytes = counted.bytes;
            });
        } catch (IOException e) {
            throw new StateException(disk.path(STATE), "cannot be written: " + e, e);
        }
        journalBytes = 0;
        begun = false;
        opened = true;
        try {
            if (!journalAside.isEmpty()) {
                disk.rename(JOURNAL, journalAside);
                journalAside = "";
            }
            disk.append(JOURNAL, 0, new byte[0], false);
        } catch (IOException e) {
            // Its lines are all older than the state file, and count no more.
            throw new StateException(disk.path(JOURNAL), "cannot be emptied: " + e, e);
        }
    }

    /** Counts what is written. */
    private static final class Counted extends FilterOutputStream {
        private long bytes;

        Counted(OutputStream out) {
            super(out);
        }

        @Override
        public void write(int one) throws IOException {
            out.write(one);
            bytes++;
        }

        @Override
        public void write(byte[] from, int offset, int length) throws IOException {
            out.write(from, offset, length);
            bytes += length;
        }
    }

    @Override
    public void tidy(NodeState state) {
        if (!opened || journalBytes > 0) {
            checkpoint(state);
        }
    }
}
