package io.podslice.node.brain;

import static io.podslice.node.brain.BrainFixture.cpuAndMemory;
import static io.podslice.node.brain.BrainFixture.idOf;
import static io.podslice.node.brain.BrainFixture.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.Plan;
import io.podslice.managers.placement.PodPlacement;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.ResourceList;
import io.podslice.node.NodeEvent;
import io.podslice.node.NodeRequest;
import io.podslice.node.NodeView;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.ResizeCondition;
import io.podslice.node.StateException;
import io.podslice.node.Verdict;
import io.podslice.node.state.FileStateStore;
import io.podslice.node.state.FolderDisk;
import io.podslice.node.state.NodeState;
import io.podslice.node.state.PendingResize;
import io.podslice.node.state.PodState;
import io.podslice.node.state.ResizeInProgress;
import io.podslice.node.state.Resizing;
import io.podslice.node.state.StateChange;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The state and the cgroups after a restart of podslice. */
final class RestartTest {
    private static final Map<String, String> PINNED = spec("""
            {'resources':{'requests':{'cpu':'4','memory':'8Gi','hugepages-2Mi':'64Mi'},
                          'limits':{'cpu':'4','memory':'8Gi','hugepages-2Mi':'64Mi'}},
             'containers':[
               {'name':'db','resources':{'requests':{'cpu':'2','memory':'4Gi'},'limits':{'cpu':'2','memory':'4Gi'}}},
               {'name':'log'}]}""");

    @TempDir
    private Path folder;

    private final BrainFixture node = new BrainFixture();
    private final PodSandboxRequest pod = node.pod("p", "/kubepods/podp", PINNED);

    private FileStateStore store() {
        return new FileStateStore(new FolderDisk(folder), node.clock, "boot-1");
    }

    private void fill() {
        node.run(pod, "sb1");
        node.create(pod, "sb1", "db");
        node.create(pod, "sb1", "log");
        node.run(node.pod("k", "/kubepods/podk", Map.of(), cpuAndMemory(2000, BrainFixture.GI)), "sb2");
        node.create(node.pod("k", "/kubepods/podk", Map.of()), "sb2", "one", cpuAndMemory(1000, BrainFixture.GI));
    }

    @Test
    void theStateSurvivesItsFile() {
        fill();

        store().checkpoint(node.store.saved);

        assertThat(store().load().state()).isEqualTo(node.store.saved);
        assertThat(folder.resolve("state.json")).content().contains("\"version\":4");
    }

    @Test
    void whereThereIsNoFileTheStateIsEmpty() {
        assertThat(store().load().state()).isEqualTo(NodeState.EMPTY);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "null",
                "{\"version\":4,\"pods\":[]}",
                "{\"pods\":[]}",
                "{\"version\":1}",
                "{\"version\":1,\"pods\":null}",
                "{\"version\":1,\"pods\":[{}]}",
                "{\"version\":1,\"pods\":[{\"uid\":7}]}",
                "{\"version\":1,\"pods\":[{\"placement\":{\"wantedCpus\":1}}]}",
                "{\"version\":2}",
                "{\"version\":2,\"pods\":[{\"uid\":7}]}",
                "{\"version\":3}",
                "{\"version\":3,\"pods\":[{\"uid\":7}]}",
                "{\"version\":4,\"generation\":0,\"bootId\":\"\",\"memoryQos\":{},\"pods\":[\n]}",
                "{\"version\":4,\"generation\":[],\"pods\":[\n]}"
            })
    void aFileThatCannotBeUsedIsSetAsideAndTheStateBeginsEmpty(String text) throws IOException {
        Files.writeString(folder.resolve("state.json"), text);

        assertThat(store().load().state()).isEqualTo(NodeState.EMPTY);

        assertThat(folder.resolve("state.json")).doesNotExist();
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> aside = files.toList();
            assertThat(aside).hasSize(1);
            assertThat(aside.getFirst().getFileName().toString()).startsWith("state.json.unusable-");
            assertThat(aside.getFirst()).hasContent(text);
        }
    }

    @Test
    void aFileOfVersion1IsRead() throws IOException {
        NodeState state = load("state-1.json");

        PodPlacement inferred = state.pod("uid-k").orElseThrow().placement();
        assertThat(inferred.ofPod()).isEqualTo(CpuSet.parse("2,18"));
        assertThat(inferred.container("one").orElseThrow().own()).isEqualTo(CpuSet.of(2));
        assertThat(inferred.memoryBytes()).isEqualTo(BrainFixture.GI);
        assertThat(inferred.mems("one")).isEqualTo(CpuSet.of(0));
        PodPlacement sliced = state.pod("uid-p").orElseThrow().placement();
        assertThat(sliced.ofPod()).isEqualTo(CpuSet.empty());
        assertThat(sliced.cpus()).isEqualTo(CpuSet.parse("0,16"));
        assertThat(sliced.sharedPool()).isEqualTo(CpuSet.empty());
        assertThat(sliced.memoryNodes()).isEqualTo(CpuSet.of(0, 1));
        store().checkpoint(state);
        assertThat(store().load().state()).isEqualTo(state);
    }

    private NodeState load(String resource) throws IOException {
        Files.write(folder.resolve("state.json"), resource(resource));
        return store().load().state();
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream stored = RestartTest.class.getResourceAsStream(name)) {
            return Objects.requireNonNull(stored).readAllBytes();
        }
    }

    @Test
    void ofAFileOfVersion2TheSpecIsTheAnnotationsWithTheResizedLimits() throws IOException {
        NodeState state = load("state-2.json");

        assertThat(state.pod("uid-k").orElseThrow().spec()).isEmpty();
        PodState resized = state.pod("uid-p").orElseThrow();
        PodSpec spec = resized.spec().orElseThrow();
        assertThat(spec.resources().limits()).isEqualTo(ResourceList.of("6", "8Gi"));
        assertThat(spec.resources().requests()).isEqualTo(ResourceList.of("6", "8Gi"));
        assertThat(spec.container("db").orElseThrow().resources().requests()).isEqualTo(ResourceList.of("2", "4Gi"));
        assertThat(resized.placement().added()).containsExactly(3, 19);
        assertThat(resized.pending()).isEmpty();
        assertThat(resized.inProgress()).isEmpty();
        store().checkpoint(state);
        assertThat(store().load().state()).isEqualTo(state);
    }

    @Test
    void resizesSurviveTheFile() {
        fill();
        PodState one = node.store.saved.pod("uid-p").orElseThrow();
        ResizeCondition waits = new ResizeCondition(
                ResizeCondition.Type.PENDING, ResizeCondition.DEFERRED, "asked too much", node.clock.instant());
        ResizeCondition runs = new ResizeCondition(ResizeCondition.Type.IN_PROGRESS, "", "", node.clock.instant());
        PendingResize pending = new PendingResize(one.spec(), one.budget(), waits, 7, PendingResize.Source.NODE_API);
        ResizeInProgress inProgress = new ResizeInProgress(
                runs, List.of(new ResizeInProgress.LoweredHigh(one.cgroup(), "max", 4096)), List.of("sb1-db"));
        NodeState state = node.store.saved.with(one.with(new Resizing(Optional.of(pending), Optional.of(inProgress))));

        store().checkpoint(state);

        assertThat(store().load().state()).isEqualTo(state);
    }

    /** Files of version 3 as they were written when there was one record for all that a pod has. */
    @Test
    void aFileOfVersion3IsReadAndThoseOfVersion4AreWrittenByteForByte() throws IOException {
        NodeState state = load("state-3.json");

        PodState pod = state.pod("uid-p").orElseThrow();
        assertThat(pod.pending().orElseThrow().priority()).isEqualTo(7);
        assertThat(pod.placement().ofPod()).isEqualTo(CpuSet.parse("0-1,16-17"));
        FileStateStore store = store();
        store.load();
        store.checkpoint(state);
        assertThat(folder.resolve("state.json")).hasBinaryContent(resource("state-4.json"));
        assertThat(store().load().state()).isEqualTo(state);
    }

    @Test
    void aJournalOfVersion3IsReadAndWrittenByteForByte() throws IOException {
        NodeState state = load("state-3.json");
        Files.delete(folder.resolve("state.json"));
        Files.write(folder.resolve("journal"), resource("journal-3"));

        assertThat(store().load().state()).isEqualTo(state.without("uid-k"));

        Files.delete(folder.resolve("journal"));
        FileStateStore store = store();
        store.load();
        store.checkpoint(NodeState.EMPTY);
        store.begin("admit default/p", Plan.EMPTY, StateChange.between(NodeState.EMPTY, state));
        store.commit();
        store.record("remove", StateChange.between(state, state.without("uid-k")));
        assertThat(folder.resolve("journal")).hasBinaryContent(resource("journal-3"));
    }

    @Test
    void aDamagedValueIsFoundToo() throws IOException {
        fill();
        store().checkpoint(node.store.saved);
        Path file = folder.resolve("state.json");
        Files.writeString(file, Files.readString(file).replace("\"0-1,16-17\"", "\"0-1,x\""));

        assertThat(store().load().state()).isEqualTo(node.store.saved.without("uid-p"));
    }

    @Test
    void aFolderThatCannotBeWrittenIsAnErrorThatNamesTheFile() throws IOException {
        FileStateStore store = store();
        Files.delete(folder);

        assertThatThrownBy(() -> store.checkpoint(NodeState.EMPTY))
                .isInstanceOf(StateException.class)
                .hasMessageContaining(folder.resolve("state.json").toString());
    }

    @Test
    void afterARestartEverythingGoesOn() {
        fill();
        NodeView before = node.brain.snapshot();
        Map<String, String> files = node.files.everything();

        node.start();

        assertThat(node.brain.snapshot()).isEqualTo(before);
        assertThat(node.files.everything()).isEqualTo(files);
        Verdict verdict =
                node.decide(new NodeRequest.UpdateContainer(idOf("sb1", "db"), Map.of(), LinuxResources.NONE));
        assertThat(verdict)
                .isInstanceOfSatisfying(
                        Verdict.Proceed.class,
                        proceed -> assertThat(proceed.resources())
                                .isEqualTo(LinuxResources.NONE
                                        .withCpuset("0,16", "")
                                        .withUnified(Map.of("cpu.max", "max 100000"))));

        node.brain.happened(new NodeEvent.SandboxRemoved("sb1"));
        node.brain.happened(new NodeEvent.SandboxRemoved("sb2"));
        assertThat(node.brain.snapshot().nodeSharedPool()).isEqualTo(node.machine.cpuSet());
    }

    @Test
    void podsThatWentMeanwhileAreDropped() {
        fill();
        node.files.removeAll(new CgroupPath("/kubepods/podp"));

        node.start();

        assertThat(node.brain.snapshot().pods())
                .extracting(NodeView.PodView::name)
                .containsExactly("k");
        assertThat(node.files.get("/kubepods/burstable", "cpuset.cpus")).isEqualTo("0-1,3-17,19-31");
    }

    @Test
    void aPodThatWasStartingKeepsToItsPoolUntilItIsHeardOf() {
        node.decide(new NodeRequest.RunPodSandbox(pod));
        assertThat(node.files.get("/kubepods/podp", "cpuset.cpus")).isNotEmpty();

        node.start();

        assertThat(node.view("p").phase()).isEqualTo("UNCONFIRMED");
        assertThat(node.files.get("/kubepods/podp", "cpuset.cpus")).isEqualTo("1,17");
        assertThat(node.create(pod, "sb1", "db").cpusetCpus()).isEqualTo("0,16");
        assertThat(node.view("p").phase()).isEqualTo("RUNNING");
        assertThat(node.files.get("/kubepods/podp", "cpuset.cpus")).isEmpty();
    }

    @Test
    void aPodThatWasStartingAndNeverCameIsLost() {
        node.decide(new NodeRequest.RunPodSandbox(pod));
        node.start();

        node.files.removeAll(new CgroupPath("/kubepods/podp"));
        node.clock.advance(node.config.lostAfter().plusSeconds(1));
        node.brain.sweep();

        assertThat(node.brain.snapshot().pods()).isEmpty();
    }

    @Test
    void withoutItsStatePodsThatRunKeepTheirCpus() {
        // The fixture's uids are not the kubelet's, by which a pod's cgroup is called.
        PodSandboxRequest kubelets = withUid("p");
        node.run(kubelets, "sb1");
        node.create(kubelets, "sb1", "db");
        node.create(kubelets, "sb1", "log");
        node.store.saved = NodeState.EMPTY;

        node.start();

        assertThat(node.files.get("/kubepods/burstable", "cpuset.cpus")).isEqualTo("2-15,18-31");
        assertThat(node.files.get("/kubepods/podp/sb1-db", "cpuset.cpus")).isEqualTo("0,16");
        assertThat(node.view("podp").cgroupValues())
                .containsEntry("cpu.max", "400000 100000")
                .containsEntry("memory.max", "8589934592");

        // The pod's next container tells what the pod is.
        assertThat(node.create(kubelets, "sb1", "log").cpusetCpus()).isEqualTo("1,17");
        assertThat(node.view("p").sandboxId()).isEqualTo("sb1");
        assertThat(node.cpusOf("p", "db")).isEqualTo(CpuSet.parse("0,16"));

        node.stopSandbox(kubelets, "sb1");
        node.brain.happened(new NodeEvent.SandboxRemoved("sb1"));
        assertThat(node.files.get("/kubepods/burstable", "cpuset.cpus")).isEmpty();
    }

    @Test
    void withoutItsStateAPodThatEndsUnheardOfGivesItsCpusBack() {
        fill();
        node.store.saved = NodeState.EMPTY;
        node.start();
        assertThat(node.brain.snapshot().nodeSharedPool().size()).isEqualTo(26);

        node.files.removeAll(new CgroupPath("/kubepods/podp"));
        node.files.removeAll(new CgroupPath("/kubepods/podk"));
        node.clock.advance(node.config.lostAfter().plusSeconds(1));
        node.brain.sweep();

        assertThat(node.brain.snapshot().nodeSharedPool()).isEqualTo(node.machine.cpuSet());
        assertThat(node.files.get("/kubepods/burstable", "cpuset.cpus")).isEmpty();
    }

    @Test
    void restrictionsOfPodsThatWentWithTheStateAreFreed() {
        node.files.set(new CgroupPath("/kubepods/burstable"), "cpuset.cpus", "8-31");
        node.files.makeAll("/kubepods/burstable/podx/c");

        node.start();

        assertThat(node.files.get("/kubepods/burstable", "cpuset.cpus")).isEmpty();
    }

    private PodSandboxRequest withUid(String uid) {
        return new PodSandboxRequest(
                uid,
                pod.namespace(),
                pod.name(),
                0,
                pod.cgroupParent(),
                pod.labels(),
                pod.annotations(),
                pod.resources(),
                pod.overhead());
    }
}
