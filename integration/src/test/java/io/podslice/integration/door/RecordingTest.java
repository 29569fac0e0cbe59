package io.podslice.integration.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.podslice.agent.api.NodeApiClient;
import io.podslice.agent.replay.Flaw;
import io.podslice.agent.replay.Moment;
import io.podslice.agent.replay.MomentSearch;
import io.podslice.agent.replay.Place;
import io.podslice.agent.replay.RecordedNode;
import io.podslice.agent.replay.Recording;
import io.podslice.agent.replay.Stamps;
import io.podslice.cgroups.CpuSet;
import io.podslice.proto.v1.ListPodsRequest;
import io.podslice.proto.v1.ListPodsResponse;
import io.podslice.proto.v1.Pod;
import io.podslice.simulator.kubelet.Amounts;
import io.podslice.simulator.kubelet.RunningPod;
import io.podslice.simulator.kubelet.Wants;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The recording of a simulated node tells what the node API and the cgroup files said at each moment. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RecordingTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Stamps STAMPS = new Stamps(ZoneOffset.UTC);

    private static Optional<RecordedNode> state(DoorFixture node, Moment moment) throws Exception {
        Recording recording = Recording.of(node.recording());
        MomentSearch search = new MomentSearch(moment, STAMPS);
        // The last entry may just be being written.
        assertThat(recording.read(search)).allMatch(Flaw::torn);
        Optional<Place> place = search.find();
        return place.isEmpty() ? Optional.empty() : Optional.of(MomentSearch.stateAt(recording, place.get()));
    }

    /** Returns pods without what the kernel or the order of looking decides. */
    private static List<Pod> bare(List<Pod> pods) {
        return pods.stream()
                .map(pod -> {
                    Pod.Builder bare =
                            pod.toBuilder().clearRevision().clearActual().clearMemoryProtection();
                    bare.getContainersBuilderList()
                            .forEach(each -> each.clearActual().clearMemoryProtection());
                    return bare.build();
                })
                .toList();
    }

    /** Returns what the node API says, once it is recorded. */
    private static ListPodsResponse recorded(DoorFixture node) throws Exception {
        try (NodeApiClient api = new NodeApiClient(node.folder.resolve("podslice.sock"))) {
            long deadline = System.nanoTime() + LONG.toNanos();
            while (true) {
                ListPodsResponse now = api.node(LONG).listPods(ListPodsRequest.getDefaultInstance());
                if (Files.exists(node.recording())) {
                    Optional<RecordedNode> last = state(node, new Moment.Latest());
                    if (last.isPresent() && last.get().revision() == now.getRevision()) {
                        return now;
                    }
                }
                assertThat(System.nanoTime())
                        .as("revision %d", now.getRevision())
                        .isLessThan(deadline);
                Thread.sleep(20);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void theReplayOfEachRevisionIsWhatTheNodeApiSaid(long seed) throws Exception {
        Random random = new Random(seed);
        try (DoorFixture node = DoorFixture.recorded()) {
            List<RunningPod> pods = new ArrayList<>();
            Map<Long, List<Pod>> said = new TreeMap<>();
            for (int i = 0; i < 20; i++) {
                live(node, random, pods, i);
                ListPodsResponse now = recorded(node);
                said.put(now.getRevision(), bare(now.getPodsList()));
            }
            assertThat(said.size()).isGreaterThan(10);
            for (Map.Entry<Long, List<Pod>> each : said.entrySet()) {
                RecordedNode then =
                        state(node, new Moment.AtRevision(each.getKey())).orElseThrow();
                assertThat(then.revision()).isEqualTo(each.getKey());
                assertThat(bare(then.pods())).isEqualTo(each.getValue());
            }
        }
    }

    private static void live(DoorFixture node, Random random, List<RunningPod> pods, int i) {
        int deed = pods.isEmpty() ? 0 : random.nextInt(pods.size() > 2 ? 8 : 12);
        if (deed > 7 || pods.isEmpty()) {
            pods.add(node.kubelet.run(DoorFixture.pod("pod-" + i, 3 + random.nextInt(2), 1 + random.nextInt(2))));
        } else if (deed > 4) {
            RunningPod pod = pods.remove(random.nextInt(pods.size()));
            node.kubelet.stop(pod);
            node.kubelet.remove(pod);
        } else if (deed > 0) {
            RunningPod pod = pods.remove(random.nextInt(pods.size()));
            int own = 1 + random.nextInt(3);
            pods.add(node.kubelet.resize(
                    pod,
                    DoorFixture.resized(
                            pod.manifest(),
                            Wants.guaranteed(Amounts.of(own + 1, 2)),
                            Wants.guaranteed(Amounts.of(own, 1)))));
        } else {
            node.restartAgent();
        }
    }

    private static String replay(Path recording, String... options) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "io.podslice.agent.cli.Main",
                "replay",
                recording.toString(),
                "--utc"));
        line.addAll(List.of(options));
        Process process = new ProcessBuilder(line)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(String.join(" ", line)).isZero();
        return output;
    }

    /** With the system property podslice.docs.write the recording of docs/replay.md is made anew. */
    @Test
    void whoWasOnThatCpu() throws Exception {
        try (DoorFixture node = DoorFixture.recorded()) {
            RunningPod database = node.kubelet.run(DoorFixture.pod("database", 4, 2));
            RunningPod web = node.kubelet.run(DoorFixture.pod("web", 3, 1));
            var _ = recorded(node);
            Instant then = Instant.now();
            CpuSet app = CpuSet.parse(node.cpus(node.kubelet.cgroup(web.manifest()), web.containerId("app")));
            CpuSet helper = CpuSet.parse(node.cpus(node.kubelet.cgroup(web.manifest()), web.containerId("helper")));
            assertThatThrownBy(() -> node.kubelet.run(DoorFixture.pod("huge", 12, 10)))
                    .hasMessageContaining("UnexpectedAdmissionError");
            node.kubelet.stop(web);
            node.kubelet.remove(web);
            var _ = recorded(node);
            RunningPod grown = node.kubelet.resize(
                    database,
                    DoorFixture.resized(
                            database.manifest(),
                            Wants.guaranteed(Amounts.of(6, 2)),
                            Wants.guaranteed(Amounts.of(4, 1))));
            var _ = recorded(node);
            node.stopAgent();

            assertThat(app.size()).isEqualTo(1);
            assertThat(replay(node.recording(), "--cpu", "" + app.first(), "--at", then.toString()))
                    .startsWith("CPU " + app.first() + ": default/web: container app, exclusively");
            assertThat(replay(node.recording(), "--cpu", "" + helper.first(), "--at", then.toString()))
                    .startsWith("CPU " + helper.first() + ": default/web: container helper, in the pod shared pool");
            assertThat(replay(node.recording(), "--at", then.toString(), "--map"))
                    .contains("default/database", "default/web", "A    exclusive to containers of pod A");
            assertThat(replay(node.recording()))
                    .contains("podslice has started", "refused by cri: RunPodSandbox default/huge")
                    // What it looked like between two of the recorder's looks is not kept.
                    .containsPattern("default/web: (starting|running), CPU 3, ")
                    .contains("default/web: gone", "resize done: default/database", "podslice has stopped");
            keepForDocs(node.recording());
            node.startAgent(); // for the fixture's end
            assertThat(grown.manifest().name()).isEqualTo("database");
        }
    }

    private static void keepForDocs(Path recording) throws IOException {
        if (!Boolean.getBoolean("podslice.docs.write")) {
            return;
        }
        Path docs = Files.createDirectories(Path.of("../docs/replay"));
        try (Stream<Path> files = Files.list(recording)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Files.copy(file, docs.resolve(file.getFileName().toString()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }
}
