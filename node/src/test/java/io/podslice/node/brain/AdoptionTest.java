package io.podslice.node.brain;

import static io.podslice.node.brain.BrainFixture.GI;
import static io.podslice.node.brain.BrainFixture.cpuAndMemory;
import static io.podslice.node.brain.BrainFixture.idOf;
import static io.podslice.node.brain.BrainFixture.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.node.ContainerRequest;
import io.podslice.node.NodeEvent;
import io.podslice.node.NodeRequest;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.RuntimeContents;
import io.podslice.node.Verdict;
import io.podslice.node.state.NodeState;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Pods that the state does not have are taken in with the CPUs that they are found on, whatever a text says. */
final class AdoptionTest {
    private static final Map<String, String> SIX = spec("""
            {'resources':{'requests':{'cpu':'6','memory':'6Gi'},'limits':{'cpu':'6','memory':'6Gi'}},
             'containers':[
               {'name':'db','resources':{'requests':{'cpu':'2','memory':'1Gi'},'limits':{'cpu':'2','memory':'1Gi'}}},
               {'name':'log'}]}""");

    private final BrainFixture node = new BrainFixture();
    private final List<RuntimeContents.Sandbox> sandboxes = new ArrayList<>();
    private final List<RuntimeContents.Container> containers = new ArrayList<>();

    private PodSandboxRequest run(PodSandboxRequest pod) {
        assertThat(node.run(pod, "sb")).isNull();
        sandboxes.add(new RuntimeContents.Sandbox("sb", pod, true, 0));
        return pod;
    }

    private void create(PodSandboxRequest pod, String name, LinuxResources sent) {
        LinuxResources stored = node.create(pod, "sb", name, sent);
        containers.add(new RuntimeContents.Container(idOf("sb", name), "sb", name, true, containers.size(), stored));
    }

    private void loseState() throws IOException {
        node.store.saved = NodeState.EMPTY;
        node.start();
        var _ = node.brain.synchronize(known -> new RuntimeContents(sandboxes, containers));
    }

    /** Loses the state, and is told of the pod by NRI first, with the values that its sandbox was made with. */
    private void loseStateBehindNri(PodSandboxRequest pod) {
        node.store.saved = NodeState.EMPTY;
        node.start();
        complete(new NodeRequest.ConfirmPodSandbox("sb", pod, containers), "sb");
        for (RuntimeContents.Container running : containers) {
            ContainerRequest request = node.container(pod, "sb", running.name(), running.resources());
            complete(new NodeRequest.ConfirmContainer(running.id(), request), running.id());
        }
    }

    private void complete(NodeRequest request, String id) {
        assertThat(BrainFixture.complete((Verdict.Proceed) node.decide(request), id))
                .isNull();
    }

    @Test
    void anInferredPodThatWasResizedKeepsItsCpusAndIsResizedFromThere() throws IOException {
        node.files.makeAll("/kubepods/podk");
        PodSandboxRequest pod = run(node.pod("k", "/kubepods/podk", Map.of(), cpuAndMemory(2000, 2 * GI)));
        create(pod, "app", cpuAndMemory(1000, GI));
        create(pod, "side", cpuAndMemory(1000, GI));
        complete(
                new NodeRequest.UpdatePodSandbox("sb", Map.of(), LinuxResources.NONE, cpuAndMemory(3000, 3 * GI)),
                "sb");
        complete(
                new NodeRequest.UpdateContainer(idOf("sb", "app"), Map.of(), cpuAndMemory(2000, GI)),
                idOf("sb", "app"));
        CpuSet had = node.view("k").cpus();
        CpuSet app = node.cpusOf("k", "app");
        assertThat(had.size()).isEqualTo(3);
        // The runtime's record is that of the container's creation: what is found wins.
        assertThat(app.size()).isEqualTo(2);

        loseState();

        assertThat(node.view("k").cpus()).isEqualTo(had);
        assertThat(node.cpusOf("k", "app")).isEqualTo(app);
        assertThat(node.view("k").cgroupValues())
                .containsEntry("cpu.max", "300000 100000")
                .containsEntry("memory.max", Long.toString(3 * GI));
        assertThat(node.files.get("/kubepods/podk", "memory.max")).isEqualTo(Long.toString(3 * GI));
        complete(
                new NodeRequest.UpdatePodSandbox("sb", Map.of(), LinuxResources.NONE, cpuAndMemory(4000, 3 * GI)),
                "sb");
        assertThat(node.view("k").cpus().size()).isEqualTo(4);
        assertThat(node.view("k").cpus().containsAll(had)).isTrue();
    }

    @Test
    void aPodThatTheNriDoorTakesInKeepsWhatResizesHaveGivenIt() {
        PodSandboxRequest pod = run(node.pod("p", "/kubepods/podp", SIX, cpuAndMemory(6000, 6 * GI)));
        create(pod, "db", cpuAndMemory(2000, GI));
        create(pod, "log", cpuAndMemory(6000, 6 * GI));
        complete(
                new NodeRequest.UpdatePodSandbox("sb", Map.of(), LinuxResources.NONE, cpuAndMemory(8000, 8 * GI)),
                "sb");
        complete(
                new NodeRequest.UpdateContainer(idOf("sb", "db"), Map.of(), cpuAndMemory(3000, 2 * GI)),
                idOf("sb", "db"));
        node.files.set(new CgroupPath("/kubepods/podp/" + idOf("sb", "db")), "memory.max", Long.toString(2 * GI));
        containers.set(
                0, new RuntimeContents.Container(idOf("sb", "db"), "sb", "db", true, 0, cpuAndMemory(3000, 2 * GI)));
        CpuSet had = node.view("p").cpus();
        CpuSet db = node.cpusOf("p", "db");
        assertThat(had.size()).isEqualTo(8);
        assertThat(db.size()).isEqualTo(3);

        loseStateBehindNri(pod);

        assertThat(node.view("p").cpus()).isEqualTo(had);
        assertThat(node.cpusOf("p", "db")).isEqualTo(db);
        assertThat(node.files.get("/kubepods/podp", "memory.max")).isEqualTo(Long.toString(8 * GI));
        assertThat(node.files.get("/kubepods/podp", "cpu.max")).isEqualTo("800000 100000");
        assertThat(node.files.get("/kubepods/podp/" + idOf("sb", "db"), "memory.max"))
                .isEqualTo(Long.toString(2 * GI));
    }

    @Test
    void anExclusiveContainerThatDoesNotRunLeavesTheOthersWhereTheyAre() throws IOException {
        PodSandboxRequest pod = run(node.pod("p", "/kubepods/podp", SIX));
        create(pod, "db", LinuxResources.NONE);
        create(pod, "log", LinuxResources.NONE);
        CpuSet log = node.cpusOf("p", "log");
        node.brain.happened(new NodeEvent.ContainerStopped(idOf("sb", "db")));
        node.files.removeAll(new CgroupPath("/kubepods/podp/" + idOf("sb", "db")));
        containers.removeFirst();

        loseState();

        assertThat(node.view("p").cpus().size()).isEqualTo(6);
        assertThat(node.view("p").cpus().containsAll(log)).isTrue();
        LinuxResources db = node.create(pod, "sb", "db");
        assertThat(CpuSet.parse(db.cpusetCpus()).size()).isEqualTo(2);
        CpuSet left = CpuSet.parse(node.files.get("/kubepods/podp/" + idOf("sb", "log"), "cpuset.cpus"));
        assertThat(left.intersects(CpuSet.parse(db.cpusetCpus()))).isFalse();
        assertThat(left.size()).isEqualTo(4);
    }

    @Test
    void aPodThatIsFoundOnFewerCpusThanItsBudgetGetsTheRestWhenTheyAreFree() throws IOException {
        PodSandboxRequest pod = run(node.pod("p", "/kubepods/podp", SIX));
        create(pod, "log", LinuxResources.NONE);
        CgroupPath log = new CgroupPath("/kubepods/podp/" + idOf("sb", "log"));
        CpuSet has = CpuSet.parse(node.files.read(log, "cpuset.cpus"));
        CpuSet fewer = has.minus(CpuSet.of(has.first()));
        node.files.set(log, "cpuset.cpus", fewer.toString());
        node.files.set(new CgroupPath("/kubepods/podp/sb"), "cpuset.cpus", fewer.toString());

        loseState();

        assertThat(node.view("p").cpus().containsAll(fewer)).isTrue();
        assertThat(node.view("p").cpus().size()).isEqualTo(6);
    }

    /** NRI tells no attempt. */
    @Test
    void aSandboxMadeAnewIsKnownByTheOldOneThatTheRuntimeStillHas() throws IOException {
        PodSandboxRequest pod = node.pod("p", "/kubepods/podp", SIX, cpuAndMemory(4000, 6 * GI));
        sandboxes.add(new RuntimeContents.Sandbox("old", pod, false, 0));
        loseState();
        node.files.makeAll("/kubepods/podp/sb");

        complete(new NodeRequest.ConfirmPodSandbox("sb", pod), "sb");

        assertThat(node.view("p").cpus().size()).isEqualTo(4);
        sandboxes.clear();
        PodSandboxRequest fresh = node.pod("q", "/kubepods/podq", SIX, cpuAndMemory(4000, 6 * GI));
        node.files.makeAll("/kubepods/podq/sq");
        assertThat(node.decide(new NodeRequest.ConfirmPodSandbox("sq", fresh)))
                .as("a pod that has never run claims more than its kubelet has accounted")
                .isInstanceOf(Verdict.Refuse.class);
    }

    /** A sandbox that has ended is in NRI's lists until it is removed, with the values that it was made with. */
    @Test
    void anEarlierSandboxOfAPodThatRunsInAnotherChangesNothing() {
        PodSandboxRequest pod = run(node.pod("p", "/kubepods/podp", SIX, cpuAndMemory(6000, 6 * GI)));
        create(pod, "db", cpuAndMemory(2000, GI));
        complete(
                new NodeRequest.UpdatePodSandbox("sb", Map.of(), LinuxResources.NONE, cpuAndMemory(8000, 8 * GI)),
                "sb");
        Map<String, String> files = node.files.everything();

        complete(new NodeRequest.ConfirmPodSandbox("ended", pod), "ended");

        assertThat(node.view("p").sandboxId()).isEqualTo("sb");
        assertThat(node.view("p").cpus().size()).isEqualTo(8);
        assertThat(node.files.everything()).isEqualTo(files);
    }

    /** NRI tells no attempt of containers either. */
    @Test
    void aContainerThatAResizeRestartsWithLessIsKnownByItsNameAlone() {
        PodSandboxRequest pod = run(node.pod("p", "/kubepods/podp", SIX, cpuAndMemory(6000, 6 * GI)));
        create(pod, "db", cpuAndMemory(2000, GI));
        node.brain.happened(new NodeEvent.ContainerStopped(idOf("sb", "db")));

        ContainerRequest again = node.container(pod, "sb", "db", cpuAndMemory(1000, GI));
        Verdict verdict = node.decide(new NodeRequest.ConfirmContainer("db2", again));

        assertThat(verdict).isInstanceOf(Verdict.Proceed.class);
        assertThat(node.cpusOf("p", "db").size()).isEqualTo(1);
    }

    @Test
    void aPodBelowNoClassIsNotMeasuredByOne() {
        assertThat(node.run(node.pod("p", "/kubepods/team/podp", SIX, cpuAndMemory(6000, 6 * GI)), "sb"))
                .isNull();
        assertThat(node.view("p").cpus().size()).isEqualTo(6);
        assertThat(node.run(node.pod("q", "/kubepods/burstable/podq", SIX, cpuAndMemory(6000, 6 * GI)), "sq"))
                .isNotNull();
    }
}
