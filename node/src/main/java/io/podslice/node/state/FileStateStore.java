package io.podslice.node.state;

import io.podslice.cgroups.Plan;
import io.podslice.node.NodeCounter;
import io.podslice.node.NodeMeter;
import io.podslice.node.StateDisk;
import io.podslice.node.StateException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The state as two readable files in a folder: {@code state.json}, the whole state, versioned and replaced atomically;
 * and {@code journal}, a line for each change since. A file that cannot be used is set aside under another name, and
 * what can be read counts: a damaged file never keeps podslice from starting.
 *
 * <p>Only the beginning of a plan is synced to disk. Any other line may be lost when the machine loses power, and then
 * the cgroups that it is about are gone too; a podslice that is killed loses nothing that it has written.
 */
public final class FileStateStore implements StateStore {
    private static final String STATE = "state.json";
    private static final String JOURNAL = "journal";
    private static final String TORN = "does not fit its checksum";

    /** Immutable, and shared because making one is expensive. */
    private static final JsonMapper MAPPER = JsonMapper.builder()
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
        StateFile file = readState(remarks);
        Replay replay = new Replay(file.toState(), file.generation());
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
        return new Saved(replay.state, replay.undo, remarks);
    }

    private StateFile readState(List<String> remarks) {
        byte[] bytes;
        try {
            Optional<byte[]> content = disk.read(STATE);
            if (content.isEmpty()) {
                return StateFile.EMPTY;
            }
            bytes = content.get();
        } catch (IOException e) {
            return unusable("cannot be read: " + e, remarks);
        }
        try {
            JsonNode json = MAPPER.readTree(bytes);
            int version = json.path("version").asInt(0);
            if (StateUpgrade.canUpgrade(version)) {
                StateUpgrade.upgrade(json);
            } else if (version != StateFile.VERSION) {
                return unusable(
                        "has version " + version + ", this podslice reads version " + StateFile.VERSION
                                + " and those before it",
                        remarks);
            }
            StateFile file = MAPPER.treeToValue(json, StateFile.class);
            var _ = file.toState();
            return file;
        } catch (JacksonException e) {
            return unusable("is damaged: " + e.getOriginalMessage(), remarks);
        } catch (RuntimeException e) {
            return unusable("is damaged: " + e.getMessage(), remarks);
        }
    }

    private StateFile unusable(String why, List<String> remarks) {
        remarks.add("state file " + disk.path(STATE) + " " + why + setAside(STATE));
        return StateFile.EMPTY;
    }

    /** Sets the file aside; returns the result, as an addition to a remark. */
    private String setAside(String name) {
        String aside = name + ".unusable-" + clock.instant().toEpochMilli();
        try {
            disk.rename(name, aside);
            return "; set aside as " + aside;
        } catch (IOException e) {
            return "; it cannot be set aside: " + e;
        }
    }

    private void readJournal(Replay replay, List<String> remarks) {
        byte[] bytes;
        try {
            bytes = disk.read(JOURNAL).orElse(new byte[0]);
        } catch (IOException e) {
            remarks.add("journal " + disk.path(JOURNAL) + " cannot be read: " + e + setAside(JOURNAL));
            return;
        }
        int at = 0;
        int line = 0;
        while (at < bytes.length) {
            int end = at;
            while (end < bytes.length && bytes[end] != '\n') {
                end++;
            }
            line++;
            String wrong = end == bytes.length ? null : replay(Arrays.copyOfRange(bytes, at, end), replay);
            boolean last = end >= bytes.length - 1;
            if (wrong != null && !(last && wrong.equals(TORN))) {
                remarks.add("journal " + disk.path(JOURNAL) + " line " + line + " " + wrong
                        + "; what follows is not used" + setAside(JOURNAL));
                return;
            }
            at = end + 1;
        }
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
            return "cannot be understood: " + e.getMessage() + " in \"" + new String(line, StandardCharsets.UTF_8)
                    + '"';
        }
    }

    /** The state of the state file, changed line by line as the journal is read. */
    private static final class Replay {
        private NodeState state;
        private long number;
        private Plan undo = Plan.EMPTY;
        private JournalLine.@Nullable Begin begun;

        Replay(NodeState state, long number) {
            this.state = state;
            this.number = number;
        }

        /**
         * Applies a line; skips one whose change the state file has already, left over from before the file was saved.
         */
        void next(JournalLine line) {
            if (line.number() < number || (line.number() == number && begun == null)) {
                return;
            }
            number = line.number();
            switch (line) {
                case JournalLine.Begin begin -> {
                    begun = begin;
                    undo = begin.undo();
                }
                case JournalLine.Done _ -> {
                    if (begun != null) {
                        state = begun.change().appliedTo(state);
                    }
                    settled();
                }
                case JournalLine.Undone _ -> settled();
                case JournalLine.Recorded recorded -> {
                    state = recorded.change().appliedTo(state);
                    settled();
                }
            }
        }

        /** Settles the change that was begun; the next one is begun or recorded only after that. */
        private void settled() {
            begun = null;
            undo = Plan.EMPTY;
        }
    }

    @Override
    public void begin(String occasion, Plan undo, StateChange change) {
        checkOpened();
        append(new JournalLine.Begin(number + 1, occasion, undo, change), true);
        number++;
        begun = true;
    }

    @Override
    public void commit() {
        if (begun) {
            append(new JournalLine.Done(number), false);
            begun = false;
        }
    }

    @Override
    public void undone() {
        if (begun) {
            begun = false;
            append(new JournalLine.Undone(number), false);
        }
    }

    @Override
    public void record(String occasion, StateChange change) {
        checkOpened();
        append(new JournalLine.Recorded(number + 1, occasion, change), false);
        number++;
    }

    private void checkOpened() {
        if (!opened) {
            throw new StateException(disk.path(STATE), "could not be written yet", null);
        }
    }

    private void append(JournalLine line, boolean sync) {
        byte[] bytes = JournalLine.write(line, MAPPER);
        try {
            disk.append(JOURNAL, journalBytes, bytes, sync);
        } catch (IOException e) {
            throw new StateException(disk.path(JOURNAL), "cannot be written: " + e, e);
        }
        journalBytes += bytes.length;
        meter.count(NodeCounter.JOURNAL_WRITES, line.event());
    }

    @Override
    public void checkpoint(NodeState state) {
        byte[] bytes = MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(StateFile.of(state, number, bootId));
        try {
            disk.replace(STATE, bytes);
        } catch (IOException e) {
            throw new StateException(disk.path(STATE), "cannot be written: " + e, e);
        }
        journalBytes = 0;
        begun = false;
        opened = true;
        try {
            disk.append(JOURNAL, 0, new byte[0], false);
        } catch (IOException e) {
            // Its lines are all older than the state file, and count no more.
            throw new StateException(disk.path(JOURNAL), "cannot be emptied: " + e, e);
        }
    }

    @Override
    public void tidy(NodeState state) {
        if (!opened || journalBytes > 0) {
            checkpoint(state);
        }
    }
}
