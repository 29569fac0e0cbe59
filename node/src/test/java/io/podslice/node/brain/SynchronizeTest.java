package io.podslice.node.brain;

import static io.podslice.node.brain.BrainFixture.GI;
import static io.podslice.node.brain.BrainFixture.cpuAndMemory;
import static io.podslice.node.brain.BrainFixture.idOf;
import static io.podslice.node.brain.BrainFixture.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.podslice.cgroups.CgroupException;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.Errno;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.node.NodeEvent;
import io.podslice.node.NodeRequest;
import io.podslice.node.NodeView;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.RuntimeContents;
import io.podslice.node.SynchronizeReport;
import io.podslice.node.Verdict;
import io.podslice.node.state.NodeState;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Reconciling the brain's state with the runtime's contents. */
final class SynchronizeTest {
    /** Two containers with CPUs of their own: only their cgroups tell which has which. */
    private static final Map<String, String> TWO = spec("""
            {'resources':{'requests':{'cpu':'6','memory':'8Gi'},'limits':{'cpu':'6','memory':'8Gi'}},
             'containers':[
               {'name':'one','resources':{'requests':{'cpu':'2','memory':'2Gi'},'limits':{'cpu':'2','memory':'2Gi'}}},
               {'name':'two','resources':{'requests':{'cpu':'2','memory':'2Gi'},'limits':{'cpu':'2','memory':'2Gi'}}},
               {'name':'rest'}]}""");

    private static final Map<String, String> SMALL = spec("""
            {'resources':{'requests':{'cpu':'2','memory':'1Gi'},'limits':{'cpu':'2','memory':'1Gi'}},
             'containers':[{'name':'app'}]}""");

    private static final CgroupPath A = new CgroupPath("/kubepods/poda");

    private final BrainFixture node = new BrainFixture();
    private final PodSandboxRequest a = node.pod("a", "/kubepods/poda", TWO);
    private final PodSandboxRequest b = node.pod("b", "/kubepods/podb", SMALL);

    /** The contents of a runtime. */
    private static final class Listed implements RuntimeContents.Source {
        final List<RuntimeContents.Sandbox> sandboxes = new ArrayList<>();
        final List<RuntimeContents.Container> containers = new ArrayList<>();
        Runnable meanwhile = () -> {};

        Listed sandbox(PodSandboxRequest pod, String id) {
            sandboxes.add(new RuntimeContents.Sandbox(id, pod, true, sandboxes.size()));
            return this;
        }

        Listed container(String sandboxId, String name, LinuxResources resources) {
            containers.add(new RuntimeContents.Container(
                    idOf(sandboxId, name), sandboxId, name, true, containers.size(), resources));
            return this;
        }

        @Override
        public RuntimeContents ask(Set<String> known) {
            RuntimeContents contents = new RuntimeContents(sandboxes, containers);
            meanwhile.run();
            return contents;
        }
    }

    private Listed listed() {
        return new Listed();
    }

    private List<String> synchronize(RuntimeContents.Source runtime) {
        try {
            return node.brain.synchronize(runtime).entries().stream()
                    .map(SynchronizeReport.Entry::toString)
                    .toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Runs both pods, and returns the runtime's contents then. */
    private Listed filled() {
        node.run(a, "sa");
        LinuxResources one = node.create(a, "sa", "one", cpuAndMemory(2000, 2 * GI));
        LinuxResources two = node.create(a, "sa", "two", cpuAndMemory(2000, 2 * GI));
        LinuxResources rest = node.create(a, "sa", "rest");
        node.run(b, "sb");
        LinuxResources app = node.create(b, "sb", "app");
        return listed().sandbox(a, "sa")
                .container("sa", "one", one)
                .container("sa", "two", two)
                .container("sa", "rest", rest)
                .sandbox(b, "sb")
                .container("sb", "app", app);
    }

    private void empty(CgroupPath path) {
        node.files.set(path, "cgroup.events", "populated 0");
    }

    // ---- They agree

    @Test
    void whereBothAgreeNothingIsSaidAndNothingWritten() {
        Listed runtime = filled();
        node.files.writes.clear();

        assertThat(synchronize(runtime)).isEmpty();

        assertThat(node.files.writes).isEmpty();
    }

    @Test
    void whoAsksNothingIsNobodysAffair() {
        PodSandboxRequest plain = node.pod("plain", "/kubepods/besteffort/podplain", Map.of());
        node.files.makeAll("/kubepods/besteffort/podplain/sp");
        Listed runtime = filled().sandbox(plain, "sp").container("sp", "web", LinuxResources.NONE);

        assertThat(synchronize(runtime)).isEmpty();
        assertThat(node.brain.snapshot().pods()).hasSize(2);
    }

    // ---- The state is lost

    @Test
    void podsWhoseStateIsLostKeepTheCpusThatTheirCgroupsHave() {
        // The CPUs differ from those of a new placement, for the first pod ends.
        PodSandboxRequest first = node.pod("first", "/kubepods/podfirst", SMALL);
        node.run(first, "sf");
        Listed runtime = filled();
        node.stopSandbox(first, "sf");
        node.brain.happened(new NodeEvent.SandboxRemoved("sf"));
        node.files.removeAll(new CgroupPath("/kubepods/podfirst"));
        NodeView before = node.brain.snapshot();
        Map<String, String> files = node.files.everything();
        node.store.saved = NodeState.EMPTY;
        node.start();
        node.files.writes.clear();

        assertThat(synchronize(runtime))
                .containsExactly(
                        "default/a taken in: CPUs 1-3,17-19, which it had",
                        "default/b taken in: CPUs 4,20, which it had");

        assertThat(node.files.writes).as("no pod was moved").isEmpty();
        assertThat(node.files.everything()).isEqualTo(files);
        assertThat(node.brain.snapshot()).isEqualTo(before);
        assertThat(synchronize(runtime)).as("the second time").isEmpty();
    }

    @Test
    void aPodThatIsKnownByInferenceKeepsWhatItsContainersHave() {
        LinuxResources whole = cpuAndMemory(4000, 4 * GI);
        PodSandboxRequest plain = node.pod("plain", "/kubepods/podplain", Map.of(), whole);
        node.run(plain, "sp");
        LinuxResources one = node.create(plain, "sp", "one", cpuAndMemory(2000, GI));
        LinuxResources two = node.create(plain, "sp", "two", cpuAndMemory(1500, GI));
        Listed runtime =
                listed().sandbox(plain, "sp").container("sp", "one", one).container("sp", "two", two);
        NodeView before = node.brain.snapshot();
        Map<String, String> files = node.files.everything();
        assertThat(node.cpusOf("plain", "one").size()).isEqualTo(2);
        node.store.saved = NodeState.EMPTY;
        node.start();

        assertThat(synchronize(runtime)).containsExactly("default/plain taken in: CPUs 0-1,16-17, which it had");

        assertThat(node.brain.snapshot()).isEqualTo(before);
        assertThat(node.files.everything()).isEqualTo(files);
    }

    /** Containers are restricted to CPUs as by the kubelet's own CPU manager. */
    @Test
    void containersThatSomebodyElsePinnedAreNotTakenIn() {
        PodSandboxRequest plain = node.pod("plain", "/kubepods/podplain", Map.of(), cpuAndMemory(2000, GI));
        node.files.makeAll("/kubepods/podplain/sp");
        CgroupPath app = node.files.makeAll("/kubepods/podplain/" + idOf("sp", "app"));
        node.files.set(app, "cpuset.cpus", "2-3");

        assertThat(synchronize(listed().sandbox(plain, "sp").container("sp", "app", LinuxResources.NONE)))
                .isEmpty();
        assertThat(node.brain.snapshot().pods()).isEmpty();
    }

    /** The kernel does not let a list be emptied where there are processes; then it has all CPUs. */
    @Test
    void aListThatCouldNotBeEmptiedIsNoRestriction() {
        Listed runtime = filled();
        NodeView before = node.brain.snapshot();
        node.files.set(A, "cpuset.cpus", "0-31");
        node.store.saved = NodeState.EMPTY;

        node.start();

        assertThat(node.brain.snapshot().nodeSharedPool()).isEqualTo(before.nodeSharedPool());
        assertThat(synchronize(runtime)).hasSize(2).allMatch(entry -> entry.endsWith(", which it had"));
        assertThat(node.brain.snapshot()).isEqualTo(before);
    }

    @Test
    void whereTheRuntimeDoesNotTellTheCgroupItIsFoundByTheUid() {
        PodSandboxRequest kubelets = new PodSandboxRequest(
                "a", "default", "a", 0, "/kubepods/poda", Map.of(), TWO, LinuxResources.NONE, LinuxResources.NONE);
        node.run(kubelets, "sa");
        node.store.saved = NodeState.EMPTY;
        node.start();

        assertThat(synchronize(listed().sandbox(kubelets.in(""), "sa")))
                .singleElement()
                .asString()
                .startsWith("default/a taken in: CPUs ");
        assertThat(node.view("a").sandboxId()).isEqualTo("sa");
    }

    /** A pod that runs in the node shared pool gets CPUs of its own. */
    @Test
    void aPodThatCameWithoutPodsliceIsPlaced() {
        node.files.makeAll("/kubepods/podb/sb");
        CgroupPath app = node.files.makeAll("/kubepods/podb/" + idOf("sb", "app"));
        node.files.set(app, "cpu.max", "max 100000");
        node.files.set(app, "memory.max", "max");

        assertThat(synchronize(listed().sandbox(b, "sb").container("sb", "app", LinuxResources.NONE)))
                .containsExactly("default/b taken in: CPUs 0,16");

        assertThat(node.files.get(app.value(), "cpuset.cpus")).isEqualTo("0,16");
        assertThat(node.files.get(app.value(), "memory.max")).isEqualTo(Long.toString(GI));
        assertThat(node.files.get("/kubepods/burstable", "cpuset.cpus")).isEqualTo("1-15,17-31");
    }

    @Test
    void aPodThatDoesNotFitRunsOnAsItDid() {
        PodSandboxRequest large = node.pod("large", "/kubepods/podlarge", spec("""
                {'resources':{'requests':{'cpu':'30','memory':'1Gi'},'limits':{'cpu':'30','memory':'1Gi'}},
                 'containers':[{'name':'app'}]}"""));
        Listed runtime = filled().sandbox(large, "sl");
        node.files.makeAll("/kubepods/podlarge/sl");

        assertThat(synchronize(runtime))
                .singleElement()
                .asString()
                .startsWith("default/large left alone: it shares the node's pool: ");
        assertThat(node.brain.snapshot().pods()).hasSize(2);
    }

    @Test
    void aPodWhoseSandboxHasNoCgroupIsNotThere() {
        assertThat(synchronize(listed().sandbox(b, "sb")))
                .containsExactly("default/b left alone: its sandbox has no cgroup /kubepods/podb/sb");
        assertThat(node.brain.snapshot().pods()).isEmpty();
    }

    // ---- Containers came and went

    @Test
    void aContainerThatCameWithoutPodsliceIsPinned() {
        Listed runtime = filled();
        node.brain.happened(new NodeEvent.ContainerRemoved(idOf("sa", "one")));
        node.brain.happened(new NodeEvent.ContainerRemoved(idOf("sa", "rest")));
        CgroupPath one = A.child(idOf("sa", "one"));
        node.files.set(one, "cpuset.cpus", "");
        node.files.set(one, "cpu.max", "200000 100000");
        CgroupPath rest = A.child(idOf("sa", "rest"));
        node.files.set(rest, "cpuset.cpus", "");
        node.files.set(rest, "memory.max", "max");
        runtime.containers.removeIf(container -> !container.name().equals("two"));
        runtime.container("sa", "one", cpuAndMemory(2000, 2 * GI));
        runtime.container("sa", "rest", LinuxResources.NONE);
        runtime.container("sb", "app", LinuxResources.NONE);

        assertThat(synchronize(runtime))
                .containsExactly(
                        "default/a/one repaired: it came without podslice",
                        "default/a/rest repaired: it came without podslice");

        assertThat(node.files.get(one.value(), "cpuset.cpus"))
                .isEqualTo(node.cpusOf("a", "one").toString());
        assertThat(node.files.get(one.value(), "cpu.max")).isEqualTo("max 100000");
        assertThat(node.files.get(rest.value(), "cpuset.cpus"))
                .isEqualTo(node.cpusOf("a", "rest").toString());
        assertThat(node.files.get(rest.value(), "memory.max")).isEqualTo(Long.toString(8 * GI));
    }

    @Test
    void aContainerThatEndedIsForgotten() {
        Listed runtime = filled();
        runtime.containers.removeIf(container -> container.name().equals("rest"));

        assertThat(synchronize(runtime)).containsExactly("default/a/rest dropped: it ended");
        assertThat(node.brain.snapshot().nodeSharedPool().size()).isEqualTo(24);
    }

    // ---- Pods went

    @Test
    void aPodThatTheRuntimeDoesNotHaveAnyMoreGivesItsCpusBack() {
        Listed runtime = filled();
        runtime.sandboxes.removeIf(sandbox -> sandbox.id().equals("sa"));
        empty(A);

        assertThat(synchronize(runtime))
                .containsExactly(
                        "default/a dropped: the runtime does not have it any more; its CPUs 0-2,16-18 are given"
                                + " back");
        assertThat(node.brain.snapshot().pods())
                .extracting(NodeView.PodView::name)
                .containsExactly("b");
    }

    @Test
    void aPodWithProcessesKeepsItsCpusWhateverTheRuntimeSays() {
        Listed runtime = filled();
        runtime.sandboxes.removeIf(sandbox -> sandbox.id().equals("sa"));
        node.files.set(A, "cgroup.events", "populated 1");

        assertThat(synchronize(runtime))
                .containsExactly(
                        "default/a left alone: the runtime does not say that it runs, but there are processes in"
                                + " /kubepods/poda");
        assertThat(node.brain.snapshot().pods()).hasSize(2);
    }

    @Test
    void anAnswerWithoutAnySandboxDropsNothing() {
        filled();
        empty(A);

        assertThat(synchronize(listed()))
                .containsExactly(
                        "default/a left alone: the runtime lists no sandbox at all",
                        "default/b left alone: the runtime lists no sandbox at all");
        assertThat(node.brain.snapshot().pods()).hasSize(2);
    }

    @Test
    void aRuntimeThatDoesNotAnswerChangesNothing() {
        filled();
        NodeView before = node.brain.snapshot();

        assertThatThrownBy(() -> node.brain.synchronize(known -> {
                    throw new IOException("connection refused");
                }))
                .isInstanceOf(IOException.class);

        assertThat(node.brain.snapshot()).isEqualTo(before);
    }

    @Test
    void aSandboxThatDoesNotRunGivesItsCpusBack() {
        Listed runtime = filled();
        runtime.sandboxes.set(0, new RuntimeContents.Sandbox("sa", a, false, 0));
        empty(A);

        assertThat(synchronize(runtime))
                .containsExactly(
                        "default/a dropped: its sandbox does not run any more; its CPUs 0-2,16-18 are given back");
        assertThat(node.view("a").phase()).isEqualTo("STOPPED");
    }

    @Test
    void aStoppedPodIsForgottenOnceTheRuntimeHasForgottenIt() {
        Listed runtime = filled();
        node.stopSandbox(a, "sa");
        assertThat(node.brain.snapshot().pods()).hasSize(2);
        runtime.sandboxes.removeIf(sandbox -> sandbox.id().equals("sa"));

        assertThat(synchronize(runtime)).containsExactly("default/a dropped: the runtime does not have it any more");
        assertThat(node.brain.snapshot().pods()).hasSize(1);
    }

    // ---- Sandboxes changed

    @Test
    void aPodWithAnotherSandboxIsKnownByThat() {
        Listed runtime = filled();
        runtime.sandboxes.set(0, new RuntimeContents.Sandbox("sa", a, false, 0));
        runtime.sandbox(a, "sa2").container("sa2", "one", cpuAndMemory(2000, 2 * GI));
        node.files.makeAll("/kubepods/poda/sa2");
        CgroupPath one = node.files.makeAll("/kubepods/poda/" + idOf("sa2", "one"));

        assertThat(synchronize(runtime))
                .containsExactly(
                        "default/a repaired: its sandbox is sa2",
                        "default/a/one dropped: it ended",
                        "default/a/two dropped: it ended",
                        "default/a/rest dropped: it ended",
                        "default/a/one repaired: it came without podslice");
        assertThat(node.view("a").sandboxId()).isEqualTo("sa2");
        assertThat(node.files.get(one.value(), "cpuset.cpus")).isEqualTo("0,16");
    }

    @Test
    void aPodThatWasStartingWhenPodsliceEndedLearnsItsSandbox() {
        node.decide(new NodeRequest.RunPodSandbox(b));
        node.files.makeAll("/kubepods/podb/sb");
        node.start();

        assertThat(synchronize(listed().sandbox(b, "sb"))).containsExactly("default/b repaired: its sandbox is sb");
        assertThat(node.view("b").sandboxId()).isEqualTo("sb");
    }

    // ---- Calls under way

    @Test
    void aPodThatIsStartingIsLeftToItsCall() {
        Listed runtime = filled();
        node.decide(new NodeRequest.RunPodSandbox(node.pod("c", "/kubepods/podc", SMALL)));

        assertThat(synchronize(runtime)).isEmpty();
        assertThat(node.view("c").phase()).isEqualTo("STARTING");
    }

    @Test
    void aPodThatStartedWhileTheRuntimeWasAskedIsNotInItsAnswer() {
        Listed runtime = filled();
        runtime.meanwhile = () -> node.run(node.pod("c", "/kubepods/podc", SMALL), "sc");

        assertThat(synchronize(runtime))
                .containsExactly("default/c left alone: it changed while the runtime was asked");
        assertThat(node.view("c").phase()).isEqualTo("RUNNING");
    }

    @Test
    void aPodThatWasRemovedWhileTheRuntimeWasAskedDoesNotComeBack() {
        Listed runtime = filled();
        runtime.meanwhile = () -> node.brain.happened(new NodeEvent.SandboxRemoved("sb"));

        assertThat(synchronize(runtime)).isEmpty();
        assertThat(node.brain.snapshot().pods()).hasSize(1);
    }

    @Test
    void aPodThatWasStoppedWhileTheRuntimeWasAskedStaysStopped() {
        Listed runtime = filled();
        runtime.meanwhile = () -> node.stopSandbox(b, "sb");

        assertThat(synchronize(runtime))
                .containsExactly("default/b left alone: it changed while the runtime was asked");
        assertThat(node.view("b").phase()).isEqualTo("STOPPED");
    }

    @Test
    void aContainerWhoseCreationIsUnderWayKeepsItsPlaceAndLearnsItsId() {
        Listed runtime = filled();
        runtime.containers.removeIf(container -> container.name().equals("rest"));
        node.brain.happened(new NodeEvent.ContainerRemoved(idOf("sa", "rest")));
        Verdict creating =
                node.decide(new NodeRequest.CreateContainer(node.container(a, "sa", "rest", LinuxResources.NONE)));

        assertThat(synchronize(runtime)).isEmpty();
        assertThat(creating).isInstanceOf(Verdict.Proceed.class);

        runtime.container("sa", "rest", LinuxResources.NONE);
        assertThat(synchronize(runtime)).containsExactly("default/a/rest repaired: it came without podslice");
        assertThat(node.view("a").containers()).hasSize(3);
    }

    @Test
    void oneThatCannotBeDealtWithKeepsNothingFromBeingDoneAboutTheOthers() {
        Listed runtime = filled();
        runtime.sandboxes.removeIf(sandbox -> sandbox.id().equals("sa"));
        empty(A);
        PodSandboxRequest c = node.pod("c", "/kubepods/podc", SMALL);
        PodSandboxRequest d = node.pod("d", "/kubepods/podd", Map.of("podslice.io/pod-spec", "{"));
        node.files.makeAll("/kubepods/podc/sc");
        node.files.makeAll("/kubepods/podd/sd");
        node.files.beforeWrite = (file, value) -> {
            if (file.startsWith("/kubepods/podc")) {
                throw new CgroupException(Errno.EIO, file, value, "EIO");
            }
        };
        runtime.sandbox(c, "sc").sandbox(d, "sd");

        List<String> report = synchronize(runtime);

        assertThat(report).hasSize(3);
        assertThat(report.get(0)).startsWith("default/a dropped: ");
        assertThat(report.get(1)).startsWith("default/c left alone: ");
        assertThat(report.get(2)).startsWith("default/d left alone: ").contains("podslice.io/pod-spec");
        assertThat(node.brain.snapshot().pods()).hasSize(1);
    }
}
