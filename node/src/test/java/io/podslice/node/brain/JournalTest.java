package io.podslice.node.brain;

import static io.podslice.node.brain.BrainFixture.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.Plan;
import io.podslice.cgroups.Step;
import io.podslice.managers.placement.PodPlacer;
import io.podslice.node.DeviceLocality;
import io.podslice.node.NodeRequest;
import io.podslice.node.PlanListener;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.StateDisk;
import io.podslice.node.Verdict;
import io.podslice.node.state.FileStateStore;
import io.podslice.node.state.FolderDisk;
import io.podslice.node.state.NodeState;
import io.podslice.node.state.StateChange;
import io.podslice.node.state.StateStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The journal: a change that was begun is finished or taken back, and a damaged line costs no more than the lines after
 * it.
 */
final class JournalTest {
    private static final Plan UNDO = Plan.of(
            new Step.WriteFile(new CgroupPath("/kubepods/podp"), "cpu.max", "max 100000", true),
            new Step.RemoveCgroup(new CgroupPath("/kubepods/podp")));

    @TempDir
    private Path folder;

    private final BrainFixture node = new BrainFixture();
    private NodeState one = NodeState.EMPTY;
    private NodeState two = NodeState.EMPTY;

    @BeforeEach
    void statesOfOneAndOfTwoPods() {
        String json = "{'containers':[{'name':'a'}]}";
        node.run(node.pod("p", "/kubepods/burstable/podp", spec(json)), "sb1");
        one = node.store.saved;
        node.run(node.pod("q", "/kubepods/burstable/podq", spec(json)), "sb2");
        two = node.store.saved;
        assertThat(two.pods()).hasSize(2);
    }

    private FileStateStore store(String bootId) {
        return new FileStateStore(new FolderDisk(folder), node.clock, bootId);
    }

    /** Loads the folder as a podslice does that has just started, and saves the state whole. */
    private FileStateStore opened(NodeState state) {
        FileStateStore store = store("boot");
        store.load();
        store.checkpoint(state);
        return store;
    }

    private StateStore.Saved reloaded() {
        return store("boot").load();
    }

    private Path journal() {
        return folder.resolve("journal");
    }

    @Test
    void whatWasBegunAndCommittedIsTheState() {
        FileStateStore store = opened(one);
        store.begin("admit q", UNDO, StateChange.between(one, two));
        store.commit();

        assertThat(reloaded()).isEqualTo(new StateStore.Saved(two, Plan.EMPTY, List.of()));
    }

    @Test
    void whatWasBegunAloneIsToBeTakenBack() {
        FileStateStore store = opened(one);
        store.begin("admit q", UNDO, StateChange.between(one, two));

        assertThat(reloaded()).isEqualTo(new StateStore.Saved(one, UNDO, List.of()));
    }

    @Test
    void whatWasTakenBackIsNoMore() {
        FileStateStore store = opened(one);
        store.begin("admit q", UNDO, StateChange.between(one, two));
        store.undone();

        assertThat(reloaded()).isEqualTo(new StateStore.Saved(one, Plan.EMPTY, List.of()));
    }

    @Test
    void recordsAddUpAndRemovalsAreKept() {
        FileStateStore store = opened(NodeState.EMPTY);
        store.record("start p", StateChange.between(NodeState.EMPTY, one));
        store.record("start q", StateChange.between(one, two));
        store.record("end p", StateChange.between(two, two.without("uid-p")));

        assertThat(reloaded().state()).isEqualTo(two.without("uid-p"));
    }

    @Test
    void linesOlderThanTheStateFileCountNoMore() throws IOException {
        FileStateStore store = opened(one);
        store.begin("admit q", UNDO, StateChange.between(one, two));
        store.commit();
        byte[] lines = Files.readAllBytes(journal());
        store.checkpoint(two.without("uid-p"));
        Files.write(journal(), lines);

        assertThat(reloaded()).isEqualTo(new StateStore.Saved(two.without("uid-p"), Plan.EMPTY, List.of()));
    }

    @Test
    void aTornLastLineIsALineThatWasNeverWritten() throws IOException {
        FileStateStore store = opened(one);
        store.record("start q", StateChange.between(one, two));
        byte[] whole = Files.readAllBytes(journal());
        for (int length = 0; length < whole.length; length++) {
            Files.write(journal(), Arrays.copyOf(whole, length));
            assertThat(reloaded()).as("%d bytes", length).isEqualTo(new StateStore.Saved(one, Plan.EMPTY, List.of()));
        }
    }

    @Test
    void afterATornLineTheJournalGoesOn() throws IOException {
        FileStateStore store = opened(one);
        store.record("start q", StateChange.between(one, two));
        byte[] whole = Files.readAllBytes(journal());
        Files.write(journal(), Arrays.copyOf(whole, whole.length / 2));

        FileStateStore next = store("boot");
        StateStore.Saved saved = next.load();
        next.tidy(saved.state());
        next.record("start q", StateChange.between(one, two));

        assertThat(reloaded()).isEqualTo(new StateStore.Saved(two, Plan.EMPTY, List.of()));
    }

    @Test
    void everyFlippedBitIsFoundAndWhatComesBeforeItCounts() throws IOException {
        FileStateStore store = opened(NodeState.EMPTY);
        store.record("start p", StateChange.between(NodeState.EMPTY, one));
        int first = (int) Files.size(journal());
        store.record("start q", StateChange.between(one, two));
        store.record("note", StateChange.between(two, two.without("uid-p")));
        byte[] whole = Files.readAllBytes(journal());
        for (int bit = 0; bit < 8; bit++) {
            byte[] damaged = whole.clone();
            damaged[first + 40] ^= (byte) (1 << bit);
            Files.write(journal(), damaged);
            StateStore.Saved saved = reloaded();
            assertThat(saved.state()).isEqualTo(one);
            assertThat(saved.remarks()).singleElement().asString().contains("journal", "line 2", "set aside");
        }
    }

    @Test
    void aStateFileThatIsGoneLeavesWhatTheJournalKnows() throws IOException {
        FileStateStore store = opened(NodeState.EMPTY);
        store.record("start p", StateChange.between(NodeState.EMPTY, one));
        Files.delete(folder.resolve("state.json"));

        assertThat(reloaded().state()).isEqualTo(one);
    }

    @Test
    void aFileOfANewerVersionIsRefusedAndKept() throws IOException {
        opened(one);
        Path state = folder.resolve("state.json");
        String newer = Files.readString(state).replaceFirst("\"version\":\\d+", "\"version\":99");
        Files.writeString(state, newer);

        StateStore.Saved saved = reloaded();

        assertThat(saved.state()).isEqualTo(NodeState.EMPTY);
        assertThat(saved.remarks()).singleElement().asString().contains("has version 99", "set aside as");
        try (var files = Files.list(folder)) {
            assertThat(files.filter(file -> file.getFileName().toString().contains("unusable")))
                    .singleElement()
                    .satisfies(file -> assertThat(file).hasContent(newer));
        }
    }

    @Test
    void podsOfAnotherBootAreGoneAndNothingOfTheirsIsTakenBack() {
        FileStateStore store = opened(one);
        store.begin("admit q", UNDO, StateChange.between(one, two));

        StateStore.Saved saved = store("another").load();

        assertThat(saved.state().pods()).isEmpty();
        assertThat(saved.undo()).isEqualTo(Plan.EMPTY);
        assertThat(saved.remarks()).singleElement().asString().contains("started anew since");
        assertThat(store("").load().state()).isEqualTo(one);
    }

    @Test
    void theJournalIsReadableAndNamesTheOccasion() throws IOException {
        FileStateStore store = opened(one);
        store.begin("admit default/q", UNDO, StateChange.between(one, two));

        String line = new String(Files.readAllBytes(journal()), StandardCharsets.UTF_8);

        assertThat(line)
                .contains("\"event\":\"begin\",\"occasion\":\"admit default/q\"")
                .contains("{\"write\":\"/kubepods/podp\",\"file\":\"cpu.max\",\"value\":\"max 100000\"}")
                .contains("{\"remove\":\"/kubepods/podp\"}");
    }

    @Test
    void aDiskThatCannotBeWrittenRefusesWhoAsksAndNobodyElse() {
        StateDisk broken = new BrokenDisk();
        NodeBrain brain = new NodeBrain(
                node.config,
                node.machine,
                node.files,
                new PodPlacer(node.machine, node.config.policy()),
                DeviceLocality.NONE,
                new StateFolder(broken, node.clock, "boot"),
                node.clock,
                PlanListener.NONE);
        PodSandboxRequest asks = node.pod("r", "/kubepods/podr", spec("{'containers':[{'name':'a'}]}"));
        assertThat(Promise.answer(brain, new NodeRequest.RunPodSandbox(asks)))
                .isInstanceOfSatisfying(
                        Verdict.Refuse.class,
                        refuse -> assertThat(refuse.refusal().message()).contains("could not be written"));
        assertThat(node.files.exists(new CgroupPath("/kubepods/podr"))).isFalse();
        PodSandboxRequest other = node.pod("s", "/kubepods/burstable/pods", Map.of());
        node.files.makeAll("/kubepods/burstable/pods");
        assertThat(Promise.answer(brain, new NodeRequest.RunPodSandbox(other))).isInstanceOf(Verdict.Proceed.class);
    }

    /** A disk on which every write fails. */
    private static final class BrokenDisk implements StateDisk {
        @Override
        public Optional<InputStream> read(String name) {
            return Optional.empty();
        }

        @Override
        public void replace(String name, Content content) throws IOException {
            throw new IOException("Read-only file system");
        }

        @Override
        public void append(String name, long good, byte[] bytes, boolean sync) throws IOException {
            throw new IOException("Read-only file system");
        }

        @Override
        public void keep(String name, String other) throws IOException {
            throw new IOException("Read-only file system");
        }

        @Override
        public void rename(String name, String other) throws IOException {
            throw new IOException("Read-only file system");
        }

        @Override
        public String path(String name) {
            return "/broken/" + name;
        }
    }
}
