package io.podslice.node.brain;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.node.ContainerRequest;
import io.podslice.node.NodeEvent;
import io.podslice.node.NodeRequest;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.Refusal;
import io.podslice.node.RuntimeContents;
import io.podslice.node.Verdict;
import io.podslice.node.state.NodeState;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The kubelet's numbers bound what an annotation claims, and take its place once a resize has made it stale. */
final class AccountedTest {
    private static final String DATABASE = """
            {'resources':{'requests':{'cpu':'4','memory':'4Gi'},'limits':{'cpu':'4','memory':'4Gi'}},
             'containers':[{'name':'db','resources':{'requests':{'cpu':'2','memory':'1Gi'},
                                                     'limits':{'cpu':'2','memory':'1Gi'}}},
                           {'name':'sidecar'}]}""";

    private final BrainFixture node = new BrainFixture();

    private static LinuxResources accounted(long milli, long memoryBytes) {
        return BrainFixture.cpuAndMemory(milli, memoryBytes);
    }

    private PodSandboxRequest pod(String name, String parent, String json, LinuxResources accounted) {
        return node.pod(name, parent, BrainFixture.spec(json), accounted);
    }

    private static PodSandboxRequest again(PodSandboxRequest pod, long attempt, LinuxResources accounted) {
        return new PodSandboxRequest(
                pod.uid(),
                pod.namespace(),
                pod.name(),
                attempt,
                pod.cgroupParent(),
                pod.labels(),
                pod.annotations(),
                accounted,
                pod.overhead());
    }

    private String refused(PodSandboxRequest pod) {
        Refusal refusal = node.run(pod, "sb-" + pod.name());
        if (refusal == null) {
            throw new AssertionError("not refused: " + pod);
        }
        assertThat(node.brain.snapshot().pods()).isEmpty();
        assertThat(node.files.exists(new CgroupPath(pod.cgroupParent()))).isFalse();
        return refusal.text();
    }

    @Test
    void aBestEffortPodClaimsNothing() {
        LinuxResources none = LinuxResources.NONE.withCpuShares(2);

        assertThat(refused(pod("p", "/kubepods/besteffort/podp", DATABASE, none)))
                .isEqualTo(
                        "InvalidPodSpec: podslice.io/pod-spec: resources make the pod Guaranteed; linux.cgroup_parent"
                                + " \"/kubepods/besteffort/podp\" says that the kubelet has accounted a BestEffort pod");
    }

    @Test
    void aClaimAboveTheAccountedCpuIsRefusedWithBothNumbers() {
        assertThat(refused(pod("p", "/kubepods/podp", DATABASE, accounted(1000, 4L << 30))))
                .isEqualTo(
                        "InvalidPodSpec: podslice.io/pod-spec: resources.requests[cpu]: Invalid value: \"4\": the kubelet"
                                + " has accounted 1 CPU (linux.resources.cpu_shares 1024) for the pod, and no more");
    }

    @Test
    void aClaimAboveTheAccountedMemoryIsRefusedWithBothNumbers() {
        assertThat(refused(pod("p", "/kubepods/podp", DATABASE, accounted(4000, 1L << 30))))
                .isEqualTo("InvalidPodSpec: podslice.io/pod-spec: resources.limits[memory]: Invalid value: \"4Gi\": the"
                        + " kubelet has accounted 1Gi of memory (linux.resources.memory_limit_in_bytes 1073741824) for the"
                        + " pod, and no more");
    }

    @Test
    void aPodWithoutALimitIsNotTakenAtItsWordWhereTheKubeletHasOne() {
        String unlimited = "{'containers':[{'name':'a','resources':{'requests':{'cpu':'1','memory':'1Gi'}}}]}";

        assertThat(refused(pod("p", "/kubepods/burstable/podp", unlimited, accounted(1000, 1L << 30))))
                .contains(
                        "podslice.io/pod-spec: containers.limits[cpu]: Invalid value: \"none\": the kubelet has accounted 1"
                                + " CPU (linux.resources.cpu_quota 100000) for the pod");
    }

    @Test
    void aSumOfContainersCountsLikeAnAmountOfThePod() {
        String containers = "{'containers':["
                + "{'name':'a','resources':{'requests':{'cpu':'3','memory':'1Gi'},'limits':{'cpu':'3','memory':'1Gi'}}},"
                + "{'name':'b','resources':{'requests':{'cpu':'3','memory':'1Gi'},'limits':{'cpu':'3','memory':'1Gi'}}}]}";

        assertThat(refused(pod("p", "/kubepods/podp", containers, accounted(2000, 2L << 30))))
                .contains("podslice.io/pod-spec: containers.requests[cpu]: Invalid value: \"6\"");
        assertThat(node.run(pod("q", "/kubepods/podq", containers, accounted(6000, 2L << 30)), "sb"))
                .isNull();
    }

    @Test
    void anAnnotationThatSaysWhatTheKubeletSaysIsTaken() {
        PodSandboxRequest pod = pod("p", "/kubepods/podp", DATABASE, accounted(4000, 4L << 30));

        assertThat(node.run(pod, "sb")).isNull();
        node.create(pod, "sb", "db", accounted(2000, 1L << 30));
        node.create(pod, "sb", "sidecar", accounted(4000, 4L << 30));

        assertThat(node.view("p").cpus()).isEqualTo(CpuSet.parse("0-1,16-17"));
        assertThat(node.cpusOf("p", "db").size()).isEqualTo(2);
    }

    @Test
    void crictlAccountsForNothing() {
        PodSandboxRequest pod = pod("p", "/kubepods/besteffort/podp", DATABASE, LinuxResources.NONE);

        assertThat(node.run(pod, "sb")).isNull();
        node.create(pod, "sb", "db", LinuxResources.NONE.withCpuShares(1024));

        assertThat(node.cpusOf("p", "db").size()).isEqualTo(2);
    }

    @Test
    void whatTheKubeletHasAccountedBeyondTheAnnotationIsTaken() {
        PodSandboxRequest pod = pod("p", "/kubepods/podp", DATABASE, accounted(6000, 5L << 30));

        assertThat(node.run(pod, "sb")).isNull();

        assertThat(node.view("p").cpus().size()).isEqualTo(6);
        assertThat(node.files.read(new CgroupPath("/kubepods/podp"), "memory.max"))
                .isEqualTo("" + (5L << 30));
    }

    @Test
    void aPodWhoseSandboxIsMadeAnewHasTheKubeletsNumbers() {
        PodSandboxRequest pod = pod("p", "/kubepods/podp", DATABASE, accounted(4000, 4L << 30));

        // Resized to 3 CPUs and 2Gi while podslice knew nothing of it.
        assertThat(node.run(again(pod, 1, accounted(3000, 2L << 30)), "sb1")).isNull();

        assertThat(node.view("p").cpus().size()).isEqualTo(3);
        assertThat(node.files.read(new CgroupPath("/kubepods/podp"), "memory.max"))
                .isEqualTo("" + (2L << 30));
    }

    @Test
    void aContainerThatClaimsMoreThanTheKubeletHasAccountedIsRefused() {
        PodSandboxRequest pod = pod("p", "/kubepods/podp", DATABASE, accounted(4000, 4L << 30));
        assertThat(node.run(pod, "sb")).isNull();

        Verdict verdict =
                node.decide(new NodeRequest.CreateContainer(node.container(pod, "sb", "db", accounted(500, 1L << 30))));

        assertThat(verdict)
                .isInstanceOfSatisfying(
                        Verdict.Refuse.class,
                        refuse -> assertThat(refuse.refusal().text())
                                .isEqualTo(
                                        "InvalidPodSpec: podslice.io/pod-spec: containers[0].resources.requests[cpu]: Invalid value:"
                                                + " \"2\": the kubelet has accounted 500m CPU (linux.resources.cpu_shares 512) for the container, and"
                                                + " no more"));
        assertThat(node.cpusOf("p", "db").size()).isEqualTo(2);
    }

    @Test
    void aContainerThatAResizeRestartsHasItsNewCpus() {
        PodSandboxRequest pod = pod("p", "/kubepods/podp", DATABASE, accounted(4000, 4L << 30));
        assertThat(node.run(pod, "sb")).isNull();
        node.create(pod, "sb", "db", accounted(2000, 1L << 30));
        node.brain.happened(new NodeEvent.ContainerStopped(BrainFixture.idOf("sb", "db")));

        LinuxResources created = restarted(pod, "db", accounted(3000, 2L << 30));

        assertThat(CpuSet.parse(created.cpusetCpus()).size()).isEqualTo(3);
        assertThat(created.memoryLimitBytes()).isEqualTo(2L << 30);
        assertThat(node.cpusOf("p", "db").size()).isEqualTo(3);
        assertThat(CpuSet.parse(restarted(pod, "db", accounted(1000, 1L << 30)).cpusetCpus())
                        .size())
                .isEqualTo(1);
    }

    private LinuxResources restarted(PodSandboxRequest pod, String name, LinuxResources sent) {
        ContainerRequest request = new ContainerRequest("sb", pod, name, 1, Map.of(), Map.of(), sent);
        Verdict verdict = node.decide(new NodeRequest.CreateContainer(request));
        assertThat(verdict).isInstanceOf(Verdict.Proceed.class);
        LinuxResources resources = ((Verdict.Proceed) verdict).resources();
        return resources == null ? sent : resources;
    }

    private void complete(NodeRequest request, String id) {
        Verdict verdict = node.decide(request);
        assertThat(verdict).isInstanceOf(Verdict.Proceed.class);
        assertThat(BrainFixture.complete((Verdict.Proceed) verdict, id)).isNull();
    }

    /** Returns the running pod with 5 CPUs and 5Gi in place of 4, its database with 3 CPUs and 2Gi in place of 2 and 1Gi. */
    private PodSandboxRequest resized() {
        PodSandboxRequest pod = pod("p", "/kubepods/podp", DATABASE, accounted(4000, 4L << 30));
        assertThat(node.run(pod, "sb")).isNull();
        node.create(pod, "sb", "db", accounted(2000, 1L << 30));
        node.create(pod, "sb", "sidecar", accounted(4000, 4L << 30));
        complete(
                new NodeRequest.UpdatePodSandbox("sb", Map.of(), LinuxResources.NONE, accounted(5000, 5L << 30)), "sb");
        String db = BrainFixture.idOf("sb", "db");
        complete(new NodeRequest.UpdateContainer(db, Map.of(), accounted(3000, 2L << 30)), db);
        return pod;
    }

    @Test
    void aRunningPodWhoseStateIsLostKeepsWhatResizesHaveGivenIt() throws IOException {
        PodSandboxRequest pod = resized();
        CpuSet had = node.view("p").cpus();
        CpuSet ofDatabase = node.cpusOf("p", "db");
        assertThat(had.size()).isEqualTo(5);
        assertThat(ofDatabase.size()).isEqualTo(3);
        node.store.saved = NodeState.EMPTY;
        node.start();

        LinuxResources pinned = LinuxResources.NONE
                .withCpuShares(3072)
                .withCpuQuota(-1, 100_000)
                .withMemoryLimit(2L << 30);
        var _ = node.brain.synchronize(known -> new RuntimeContents(
                List.of(new RuntimeContents.Sandbox("sb", pod, true, 0)),
                List.of(
                        new RuntimeContents.Container(BrainFixture.idOf("sb", "db"), "sb", "db", true, 1, pinned),
                        new RuntimeContents.Container(
                                BrainFixture.idOf("sb", "sidecar"),
                                "sb",
                                "sidecar",
                                true,
                                2,
                                accounted(5000, 5L << 30)))));

        assertThat(node.view("p").cpus()).isEqualTo(had);
        assertThat(node.cpusOf("p", "db")).isEqualTo(ofDatabase);
        assertThat(node.files.read(new CgroupPath("/kubepods/podp"), "memory.max"))
                .isEqualTo("" + (5L << 30));
        assertThat(node.files.read(new CgroupPath("/kubepods/podp"), "cpu.max")).isEqualTo("500000 100000");
        assertThat(node.view("p").containers())
                .extracting(container -> container.allocated().limits().toString())
                .containsExactly("{cpu=3, memory=2Gi}", "{}");
    }

    /** The kubelet's pod: its cgroup is there before its sandbox, and stays when that is stopped. */
    private PodSandboxRequest ofKubelet(String name, String json, LinuxResources accounted) {
        node.files.makeAll("/kubepods/pod" + name);
        return pod(name, "/kubepods/pod" + name, json, accounted);
    }

    @Test
    void aStoppedPodKeepsItsCpusUntilItsCgroupIsGone() {
        PodSandboxRequest pod = ofKubelet("p", DATABASE, accounted(4000, 4L << 30));
        assertThat(node.run(pod, "sb")).isNull();
        node.create(pod, "sb", "db", accounted(2000, 1L << 30));
        CpuSet had = node.view("p").cpus();
        node.stopSandbox(pod, "sb");

        assertThat(node.view("p").cpus()).isEqualTo(had);
        PodSandboxRequest other = ofKubelet("other", DATABASE, accounted(4000, 4L << 30));
        assertThat(node.run(other, "so")).isNull();
        assertThat(node.view("other").cpus().intersects(had)).isFalse();
        assertThat(node.run(again(pod, 1, accounted(4000, 4L << 30)), "sb1")).isNull();
        assertThat(node.view("p").cpus()).isEqualTo(had);

        node.stopSandbox(pod, "sb1");
        node.files.removeAll(new CgroupPath("/kubepods/podp"));
        node.brain.sweep();
        assertThat(node.brain.snapshot().pods()).hasSize(1);
    }

    @Test
    void aStoppedPodIsForgottenWithItsSandbox() {
        PodSandboxRequest pod = ofKubelet("p", DATABASE, accounted(4000, 4L << 30));
        assertThat(node.run(pod, "sb")).isNull();
        node.stopSandbox(pod, "sb");

        node.brain.happened(new NodeEvent.SandboxRemoved("sb"));

        assertThat(node.brain.snapshot().pods()).isEmpty();
    }

    @Test
    void aSandboxMadeAnewKeepsWhatResizesHaveGivenItsPod() {
        node.files.makeAll("/kubepods/podp");
        PodSandboxRequest pod = resized();
        CpuSet had = node.view("p").cpus();
        CpuSet ofDatabase = node.cpusOf("p", "db");
        node.stopSandbox(pod, "sb");

        assertThat(node.run(again(pod, 1, accounted(5000, 5L << 30)), "sb1")).isNull();
        ContainerRequest request =
                new ContainerRequest("sb1", pod, "db", 1, Map.of(), Map.of(), accounted(3000, 2L << 30));
        assertThat(node.decide(new NodeRequest.CreateContainer(request))).isInstanceOf(Verdict.Proceed.class);

        assertThat(node.view("p").cpus()).isEqualTo(had);
        assertThat(node.cpusOf("p", "db")).isEqualTo(ofDatabase);
        assertThat(node.files.read(new CgroupPath("/kubepods/podp"), "memory.max"))
                .isEqualTo("" + (5L << 30));
    }

    @Test
    void aSandboxMadeAnewHasTheTotalsOfAResizeThatPodsliceDidNotSee() {
        PodSandboxRequest pod = ofKubelet("p", DATABASE, accounted(4000, 4L << 30));
        assertThat(node.run(pod, "sb")).isNull();
        CpuSet had = node.view("p").cpus();
        node.stopSandbox(pod, "sb");

        assertThat(node.run(again(pod, 1, accounted(5000, 5L << 30)), "sb1")).isNull();

        assertThat(node.view("p").cpus().size()).isEqualTo(5);
        assertThat(node.view("p").cpus().containsAll(had)).isTrue();
        assertThat(node.files.read(new CgroupPath("/kubepods/podp"), "memory.max"))
                .isEqualTo("" + (5L << 30));
    }
}
