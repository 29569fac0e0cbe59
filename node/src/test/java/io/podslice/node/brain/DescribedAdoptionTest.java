package io.podslice.node.brain;

import static io.podslice.node.brain.BrainFixture.GI;
import static io.podslice.node.brain.BrainFixture.cpuAndMemory;
import static io.podslice.node.brain.BrainFixture.idOf;
import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CpuSet;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.node.NodeRequest;
import io.podslice.node.NodeSources;
import io.podslice.node.PodDevices;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.RefusalListener;
import io.podslice.node.RuntimeContents;
import io.podslice.node.SpecSource;
import io.podslice.node.Verdict;
import io.podslice.node.state.NodeState;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Running pods that the state lacks are looked up, and keep what they have, whatever the sources say. */
final class DescribedAdoptionTest {
    private static final String DATABASE = """
            {'resources':{'requests':{'cpu':'4','memory':'4Gi'},'limits':{'cpu':'4','memory':'4Gi'}},
             'containers':[{'name':'db','resources':{'requests':{'cpu':'2','memory':'1Gi'},
                                                     'limits':{'cpu':'2','memory':'1Gi'}}},
                           {'name':'log'}]}""";
    private static final String PLAIN = """
            {'containers':[{'name':'db','resources':{'limits':{'cpu':'2','memory':'1Gi'}}},
                           {'name':'log','resources':{'limits':{'cpu':'2','memory':'3Gi'}}}]}""";

    private final BrainFixture node = new BrainFixture();
    private final FakeSpecs specs = new FakeSpecs();
    private final List<RuntimeContents.Sandbox> sandboxes = new ArrayList<>();
    private final List<RuntimeContents.Container> containers = new ArrayList<>();
    private PodSandboxRequest pod = node.pod("p", "/kubepods/podp", Map.of(), cpuAndMemory(4000, 4 * GI));

    @BeforeEach
    void withASource() {
        start(Duration.ofSeconds(20));
    }

    private void start(Duration timeout) {
        node.sources = new NodeSources(specs, PodDevices.NONE, timeout, RefusalListener.NONE);
        node.start();
    }

    private void runAll() {
        node.files.makeAll("/kubepods/podp");
        assertThat(node.run(pod, "sb")).isNull();
        sandboxes.add(new RuntimeContents.Sandbox("sb", pod, true, 0));
        create("log", cpuAndMemory(2000, 3 * GI));
        create("db", cpuAndMemory(2000, GI));
    }

    private void create(String name, LinuxResources sent) {
        LinuxResources stored = node.create(pod, "sb", name, sent);
        containers.add(new RuntimeContents.Container(idOf("sb", name), "sb", name, true, containers.size(), stored));
    }

    private void loseState() throws IOException {
        node.store.saved = NodeState.EMPTY;
        node.start();
        var _ = node.brain.synchronize(known -> new RuntimeContents(sandboxes, containers));
    }

    @Test
    void aDescribedPodIsTakenInWithItsSpec() throws IOException {
        specs.describe(pod, DATABASE);
        runAll();
        CpuSet had = node.view("p").cpus();
        CpuSet db = node.cpusOf("p", "db");

        loseState();

        assertThat(node.view("p").source()).isEqualTo(SpecSource.PODS_API);
        assertThat(node.view("p").cpus()).isEqualTo(had);
        assertThat(node.cpusOf("p", "db")).isEqualTo(db);
        assertThat(db.size()).isEqualTo(2);
    }

    @Test
    void aPodThatWasResizedKeepsMoreThanADescriptionThatLags() throws IOException {
        specs.describe(pod, DATABASE);
        runAll();
        NodeRequest update =
                new NodeRequest.UpdatePodSandbox("sb", Map.of(), LinuxResources.NONE, cpuAndMemory(6000, 6 * GI));
        assertThat(BrainFixture.complete((Verdict.Proceed) node.decide(update), "sb"))
                .isNull();
        CpuSet had = node.view("p").cpus();
        assertThat(had.size()).isEqualTo(6);

        loseState();

        assertThat(node.view("p").cpus()).isEqualTo(had);
        assertThat(node.files.get("/kubepods/podp", "memory.max")).isEqualTo(Long.toString(6 * GI));
    }

    @Test
    void aPodThatWasPlacedByInferenceKeepsItsSetWhenItIsDescribed() throws IOException {
        specs.away();
        runAll();
        CpuSet had = node.view("p").cpus();
        CpuSet db = node.cpusOf("p", "db");
        CpuSet log = node.cpusOf("p", "log");
        assertThat(had.size()).isEqualTo(4);
        specs.back();
        specs.describe(pod, PLAIN);

        loseState();

        assertThat(node.view("p").source()).isEqualTo(SpecSource.PODS_API);
        assertThat(node.view("p").cpus()).isEqualTo(had);
        assertThat(node.cpusOf("p", "db")).isEqualTo(db);
        assertThat(node.cpusOf("p", "log")).isEqualTo(log);
    }

    @Test
    void aPlainPodThatSharesGoesOnSharing() throws IOException {
        node.files.makeAll("/kubepods/podp/sb");
        node.files.makeAll("/kubepods/podp/" + idOf("sb", "db"));
        sandboxes.add(new RuntimeContents.Sandbox("sb", pod, true, 0));
        containers.add(new RuntimeContents.Container(idOf("sb", "db"), "sb", "db", true, 0, cpuAndMemory(2000, GI)));
        specs.describe(pod, PLAIN);

        loseState();

        assertThat(node.brain.snapshot().exclusiveCpus().isEmpty()).isTrue();
    }

    @Test
    void aSourceThatDoesNotAnswerIsAskedOnceForAllPodsTogether() throws IOException {
        runAll();
        CpuSet had = node.view("p").cpus();
        for (int i = 0; i < 500; i++) {
            String path = "/kubepods/burstable/podb" + i;
            node.files.makeAll(path + "/s" + i);
            PodSandboxRequest burstable = node.pod("b" + i, path, Map.of(), cpuAndMemory(100, GI));
            sandboxes.add(new RuntimeContents.Sandbox("s" + i, burstable, true, i));
        }
        specs.late();
        start(Duration.ofMillis(20));
        specs.asked.clear();

        loseState();

        assertThat(specs.asked).hasSize(1);
        assertThat(node.view("p").cpus()).isEqualTo(had);
        assertThat(node.brain.snapshot().pods()).hasSize(1);
    }

    @Test
    void aPodThatTheStateHasIsNotLookedUpWhenNriTellsOfIt() {
        specs.describe(pod, DATABASE);
        runAll();
        specs.asked.clear();

        assertThat(node.decide(new NodeRequest.ConfirmPodSandbox("sb", pod, containers)))
                .isInstanceOf(Verdict.Proceed.class);

        assertThat(specs.asked).isEmpty();
    }

    @Test
    void aPodThatNriTellsOfFirstIsTakenInWithItsSpec() {
        specs.describe(pod, DATABASE);
        runAll();
        CpuSet had = node.view("p").cpus();
        node.store.saved = NodeState.EMPTY;
        node.start();

        assertThat(node.decide(new NodeRequest.ConfirmPodSandbox("sb", pod, containers)))
                .isInstanceOf(Verdict.Proceed.class);

        assertThat(node.view("p").source()).isEqualTo(SpecSource.PODS_API);
        assertThat(node.view("p").cpus()).isEqualTo(had);
    }
}
