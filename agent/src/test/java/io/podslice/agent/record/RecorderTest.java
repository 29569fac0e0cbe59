package io.podslice.agent.record;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.agent.api.FakeNode;
import io.podslice.agent.api.Messages;
import io.podslice.agent.replay.Flaw;
import io.podslice.agent.replay.Moment;
import io.podslice.agent.replay.MomentSearch;
import io.podslice.agent.replay.Place;
import io.podslice.agent.replay.RecordedNode;
import io.podslice.agent.replay.Recording;
import io.podslice.agent.replay.Stamps;
import io.podslice.agent.replay.Timeline;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.node.ActualResources;
import io.podslice.node.Door;
import io.podslice.node.NodeIncident;
import io.podslice.node.NodeRequest;
import io.podslice.node.PodActual;
import io.podslice.node.PodName;
import io.podslice.node.Refusal;
import io.podslice.node.ResizeCondition;
import io.podslice.proto.v1.Pod;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A recording tells the node as it was, within its bound, whatever the disk does. */
class RecorderTest {
    private static final long SMALL = 64 << 10;
    private static final Stamps STAMPS = new Stamps(ZoneOffset.UTC);

    @TempDir
    private Path folder;

    private Path kept() {
        return folder.resolve("a").resolve("recording");
    }

    private static List<Pod> expected(FakeNode node) {
        return node.revisedSnapshot().node().pods().stream()
                .map(pod -> Messages.pod(pod, 0, new PodActual(ActualResources.NONE, new TreeMap<>())))
                .toList();
    }

    private static List<Pod> pods(RecordedNode node) {
        return node.pods().stream()
                .map(pod -> pod.toBuilder().clearRevision().build())
                .toList();
    }

    /** Returns the state at a moment; empty if none was recorded. */
    private Optional<RecordedNode> state(Moment moment) throws Exception {
        Recording recording = Recording.of(kept());
        MomentSearch search = new MomentSearch(moment, STAMPS);
        assertThat(recording.read(search)).allMatch(Flaw::torn);
        Optional<Place> place = search.find();
        return place.isEmpty() ? Optional.empty() : Optional.of(MomentSearch.stateAt(recording, place.get()));
    }

    private String timeline() throws Exception {
        StringWriter text = new StringWriter();
        assertThat(Recording.of(kept()).read(new Timeline(_ -> true, STAMPS, new PrintWriter(text, true))))
                .allMatch(Flaw::torn);
        return text.toString();
    }

    /** Random lives of a node, with restarts in good order and without. The repetition is the seed. */
    @RepeatedTest(4)
    void theReplayOfEachRevisionIsTheViewAndTheRingKeepsItsBound(RepetitionInfo repetition) throws Exception {
        Random random = new Random(repetition.getCurrentRepetition());
        Recordings of = new Recordings(kept(), SMALL);
        TreeMap<Long, List<Pod>> views = new TreeMap<>();
        for (int i = 0; i < 300; i++) {
            String name = "pod-" + random.nextInt(10);
            if (random.nextInt(3) == 0) {
                of.node.remove(name);
            } else {
                of.node.put(FakeNode.pod(
                        name,
                        "note " + i,
                        Stream.generate(() -> condition(random))
                                .limit(random.nextInt(2))
                                .toArray(ResizeCondition[]::new)));
            }
            if (random.nextInt(40) == 0) {
                if (random.nextBoolean()) {
                    of.stop();
                }
                of.start();
            }
            views.put(of.record(), expected(of.node));
            assertThat(of.size()).isLessThanOrEqualTo(SMALL);
        }
        assertThat(of.recorder().figures().failures()).isZero();
        int found = 0;
        for (Map.Entry<Long, List<Pod>> view : views.entrySet()) {
            Optional<RecordedNode> node = state(new Moment.AtRevision(view.getKey()));
            if (node.isPresent()) {
                found++;
                assertThat(pods(node.get())).as("revision " + view.getKey()).isEqualTo(view.getValue());
                assertThat(node.get().node().getSharedPool()).isEqualTo("2-7,10-15");
            }
        }
        assertThat(found).isBetween(20, 299); // the ring has dropped the oldest
        RecordedNode last = state(new Moment.Latest()).orElseThrow();
        assertThat(pods(last)).isEqualTo(views.lastEntry().getValue());
    }

    private static ResizeCondition condition(Random random) {
        return new ResizeCondition(
                ResizeCondition.Type.PENDING,
                random.nextBoolean() ? ResizeCondition.DEFERRED : ResizeCondition.INFEASIBLE,
                "x".repeat(random.nextInt(300)),
                Instant.EPOCH);
    }

    @Test
    void filesAreTheirOwnersAlone() throws Exception {
        Recordings of = new Recordings(kept(), SMALL);
        of.record();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(kept())))
                .isEqualTo("rwx------");
        try (Stream<Path> files = Files.list(kept())) {
            assertThat(files.toList())
                    .hasSize(1)
                    .allSatisfy(file -> assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                            .isEqualTo("rw-------"));
        }
    }

    @Test
    void otherFilesAreLeftAlone() throws Exception {
        Files.createDirectories(kept());
        Path other = Files.writeString(kept().resolve("recording-1.podslice.old"), "x".repeat(100_000));
        Path link = Files.createSymbolicLink(kept().resolve(SegmentForm.name(3)), other);
        Recordings of = new Recordings(kept(), SMALL);
        for (int i = 0; i < 300; i++) {
            of.node.put(FakeNode.pod("a", "" + i));
            of.record();
        }
        assertThat(other).hasSize(100_000);
        assertThat(link).isSymbolicLink();
        assertThat(of.size() - 100_000).isLessThanOrEqualTo(SMALL);
    }

    /** A folder that cannot be had is what a full or read-only disk is to it too: an IOException of a write. */
    @Test
    void aDiskThatCannotBeWrittenIsTriedAgain() throws Exception {
        Files.createDirectories(kept().getParent());
        Files.writeString(kept(), "no folder");
        Recordings of = new Recordings(kept(), SMALL);
        of.node.put(FakeNode.pod("a", "1"));
        of.record();
        of.node.put(FakeNode.pod("b", "1"));
        of.record();
        assertThat(of.recorder().figures().failures()).isEqualTo(2);
        assertThat(of.recorder().figures().entries()).isZero();
        Files.delete(kept());
        of.record();
        of.node.remove("a");
        of.record();

        assertThat(of.recorder().figures().failures()).isEqualTo(2);
        assertThat(of.recorder().figures().size()).isEqualTo(of.size());
        assertThat(timeline())
                .contains("2026-11-30T03:00:03.000Z  1002  nothing could be recorded since 2026-11-30T03:00:01.000Z: ")
                .contains(
                        "default/b: running, CPU 4, memory 2Gi, CPUs 0-1,8-9, shared 1,9, NUMA 0, containers app on 0,8\n")
                .endsWith("default/a: gone\n");
    }

    @Test
    void aNodeTooLargeForTheBoundIsAFailureToo() throws Exception {
        Recordings of = new Recordings(kept(), 4 << 10);
        of.record();
        assertThat(of.recorder().figures().failures()).isZero();
        for (int i = 0; i < 10; i++) {
            of.node.put(FakeNode.pod("pod-" + i, "1"));
            of.record();
            assertThat(of.size()).isLessThanOrEqualTo(4 << 10);
        }
        assertThat(of.recorder().figures().failures()).isPositive();
        for (int i = 0; i < 10; i++) {
            of.node.remove("pod-" + i);
        }
        of.record();
        assertThat(timeline()).contains("nothing could be recorded since").contains("a quarter of api.record.maxBytes");
    }

    @Test
    void aCrashLeavesAtMostATornEntry() throws Exception {
        Recordings of = new Recordings(kept(), SMALL);
        of.node.put(FakeNode.pod("a", "1"));
        of.record();
        Path segment = kept().resolve(SegmentForm.name(1));
        of.node.put(FakeNode.pod("b", "1"));
        of.record();
        byte[] whole = Files.readAllBytes(segment);
        Files.write(segment, Arrays.copyOf(whole, whole.length - 3));
        assertThat(pods(state(new Moment.Latest()).orElseThrow()))
                .extracting(Pod::getName)
                .containsExactly("a");

        of.start();
        of.record();
        assertThat(pods(state(new Moment.Latest()).orElseThrow()))
                .extracting(Pod::getName)
                .containsExactly("a", "b");
        assertThat(timeline())
                .containsOnlyOnce("default/a: ")
                .containsOnlyOnce("default/b: ")
                .contains("has started");
    }

    @Test
    void aClockThatIsSetBackIsBorne() throws Exception {
        Recordings of = new Recordings(kept(), SMALL);
        of.node.put(FakeNode.pod("a", "1"));
        of.record(); // 03:00:01
        of.at(Instant.parse("2026-11-30T04:00:00Z"));
        of.node.put(FakeNode.pod("b", "1"));
        long second = of.record(); // 04:00:01
        of.at(Instant.parse("2026-11-30T02:00:00Z"));
        of.node.put(FakeNode.pod("c", "1"));
        of.record(); // 02:00:01
        of.node.remove("a");
        of.record(); // 02:00:02

        assertThat(names(new Moment.AtRevision(second))).containsExactly("a", "b");
        assertThat(names(new Moment.AtTime(Instant.parse("2026-11-30T02:00:01Z"))))
                .containsExactly("a", "b", "c");
        MomentSearch search = new MomentSearch(new Moment.AtTime(Instant.parse("2026-11-30T03:30:00Z")), STAMPS);
        var _ = Recording.of(kept()).read(search);
        assertThat(search.find()).isPresent();
        assertThat(search.notes()).anySatisfy(note -> assertThat(note).contains("the clock was set back"));
        assertThat(names(new Moment.AtTime(Instant.parse("2026-11-30T01:00:00Z"))))
                .isEmpty();
    }

    private List<String> names(Moment moment) throws Exception {
        return state(moment)
                .map(node -> node.pods().stream().map(Pod::getName).toList())
                .orElse(List.of());
    }

    @Test
    void incidentsAreKept() throws Exception {
        Recordings of = new Recordings(kept(), SMALL);
        of.record();
        NodeRequest request =
                new NodeRequest.UpdatePodSandbox("sb", Map.of(), LinuxResources.NONE, LinuxResources.NONE);
        Refusal refusal =
                new Refusal("TopologyAffinityError", Refusal.Kind.EXHAUSTED, "no room", "6 CPUs asked, 2 free");
        of.recorder().meter().note(new NodeIncident.Refused(Door.CRI, request, refusal));
        of.recorder()
                .meter()
                .note(new NodeIncident.Resized(new PodName("a-uid", "default", "a"), "deferred", "6 CPUs asked"));
        of.recorder()
                .meter()
                .note(new NodeIncident.Repaired(PodName.NONE, "/kubepods/poda", "cpu.max", "max", "400000 100000"));
        of.record();
        of.recorder().meter().note(new NodeIncident.Refused(Door.CRI, request, refusal));
        of.stop();

        assertThat(timeline())
                .contains("refused by cri: " + request.describe()
                        + ": TopologyAffinityError: no room; 6 CPUs asked, 2 free\n")
                .contains("resize deferred: default/a: 6 CPUs asked\n")
                .contains("repaired: /kubepods/poda: cpu.max: max -> 400000 100000\n")
                .endsWith("podslice has stopped; its pods run on\n");
    }

    /** The thread of its own: it follows the node, and its end is recorded. */
    @Test
    @Timeout(30)
    void itFollowsANode() throws Exception {
        FakeNode node = new FakeNode();
        try (Recorder recorder = new Recorder(kept(), SMALL)) {
            recorder.follow(node);
            node.put(FakeNode.pod("a", "1"));
            while (recorder.figures().entries() < 2) {
                Thread.sleep(10);
            }
            node.put(FakeNode.pod("late", "1"));
        }
        assertThat(timeline())
                .contains("default/a: ")
                .contains("default/late: ")
                .contains("podslice has stopped");
    }

    @Test
    void aRecorderThatFollowsNoNodeWritesNothing() {
        new Recorder(kept(), SMALL).close();
        assertThat(kept()).doesNotExist();
    }
}
