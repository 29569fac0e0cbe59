package io.podslice.node.brain;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.node.ContainerRequest;
import io.podslice.node.NodeEvent;
import io.podslice.node.NodeRequest;
import io.podslice.node.NodeView;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.Verdict;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Pods with an annotation that the kubelet made smaller, with their containers, while podslice was away. */
final class AccountedShrinkTest {
    private static final long MI = 1L << 20;
    private static final long GI = 1L << 30;
    private static final String SHARES = "{'name':'sidecar'}";

    private final BrainFixture node = new BrainFixture();
    private long attempt;

    private static LinuxResources accounted(long milli, long memoryBytes) {
        return BrainFixture.cpuAndMemory(milli, memoryBytes);
    }

    private static String guaranteed(String cpu, String memory) {
        String amounts = "{'cpu':'" + cpu + "','memory':'" + memory + "'}";
        return "'resources':{'requests':" + amounts + ",'limits':" + amounts + "}";
    }

    private static String container(String name, String cpu, String memory) {
        return "{'name':'" + name + "'," + guaranteed(cpu, memory) + "}";
    }

    /** Runs the kubelet's pod "p" with this many CPUs and 4Gi in sandbox "sb"; its cgroup stays when that is stopped. */
    private PodSandboxRequest run(int cpus, String... containers) {
        node.files.makeAll("/kubepods/podp");
        PodSandboxRequest pod = node.pod(
                "p",
                "/kubepods/podp",
                BrainFixture.spec(
                        "{" + guaranteed("" + cpus, "4Gi") + ",'containers':[" + String.join(",", containers) + "]}"),
                accounted(cpus * 1000L, 4 * GI));
        assertThat(node.run(pod, "sb")).isNull();
        return pod;
    }

    /** Makes the pod's sandbox anew with other totals, as "sb1". */
    private void again(PodSandboxRequest pod, LinuxResources accounted) {
        node.stopSandbox(pod, "sb");
        PodSandboxRequest anew = new PodSandboxRequest(
                pod.uid(),
                pod.namespace(),
                pod.name(),
                1,
                pod.cgroupParent(),
                pod.labels(),
                pod.annotations(),
                accounted,
                pod.overhead());
        assertThat(node.run(anew, "sb1")).isNull();
    }

    private Verdict decided(PodSandboxRequest pod, String sandbox, String name, LinuxResources sent) {
        attempt++;
        return node.decide(new NodeRequest.CreateContainer(
                new ContainerRequest(sandbox, pod, name, attempt, Map.of(), Map.of(), sent)));
    }

    private LinuxResources create(PodSandboxRequest pod, String sandbox, String name, LinuxResources sent) {
        Verdict verdict = decided(pod, sandbox, name, sent);
        assertThat(verdict).isInstanceOf(Verdict.Proceed.class);
        Verdict.Proceed proceed = (Verdict.Proceed) verdict;
        assertThat(BrainFixture.complete(proceed, BrainFixture.idOf(sandbox, name)))
                .isNull();
        return proceed.resources() == null ? sent : proceed.resources();
    }

    private void allocated(int cpus, String... limits) {
        NodeView.PodView pod = node.view("p");
        assertThat(pod.cpus().size()).isEqualTo(cpus);
        assertThat(pod.allocated().requests()).isEqualTo(pod.allocated().limits());
        assertThat(pod.containers())
                .extracting(container -> container.allocated().limits().toString())
                .containsExactly(limits);
        assertThat(pod.containers())
                .allSatisfy(container -> assertThat(container.allocated().requests())
                        .isEqualTo(container.allocated().limits()));
    }

    @Test
    void aSandboxMadeAnewHasSmallerTotalsThanItsContainersHad() {
        PodSandboxRequest pod = run(4, container("db", "3", "2Gi"), container("sidecar", "1", "1Gi"));
        node.create(pod, "sb", "db", accounted(3000, 2 * GI));
        node.create(pod, "sb", "sidecar", accounted(1000, GI));
        CpuSet had = node.view("p").cpus();
        CpuSet ofSidecar = node.cpusOf("p", "sidecar");

        again(pod, accounted(3000, 3 * GI));
        create(pod, "sb1", "db", accounted(2000, GI));
        create(pod, "sb1", "sidecar", accounted(1000, GI));

        allocated(3, "{cpu=2, memory=1Gi}", "{cpu=1, memory=1Gi}");
        assertThat(had.containsAll(node.view("p").cpus())).isTrue();
        assertThat(node.cpusOf("p", "db").size()).isEqualTo(2);
        assertThat(node.cpusOf("p", "sidecar")).isEqualTo(ofSidecar);
        assertThat(node.files.read(new CgroupPath("/kubepods/podp"), "memory.max"))
                .isEqualTo("" + 3 * GI);
        assertThat(node.files.read(new CgroupPath("/kubepods/podp"), "cpu.max")).isEqualTo("max 100000");
    }

    @Test
    void smallerContainersLeaveACpuToThoseThatShare() {
        PodSandboxRequest pod = run(6, container("a", "2", "1Gi"), container("b", "2", "1Gi"), SHARES);

        again(pod, accounted(3000, 4 * GI));
        assertThat(node.cpusOf("p", "sidecar").size()).isEqualTo(1);
        create(pod, "sb1", "a", accounted(1000, GI));
        create(pod, "sb1", "b", accounted(1000, GI));
        LinuxResources sidecar = create(pod, "sb1", "sidecar", accounted(3000, 4 * GI));

        allocated(3, "{cpu=1, memory=1Gi}", "{cpu=1, memory=1Gi}", "{}");
        assertThat(CpuSet.parse(sidecar.cpusetCpus()).size()).isEqualTo(1);
        assertThat(node.cpusOf("p", "a").intersects(node.cpusOf("p", "b"))).isFalse();
    }

    @Test
    void memoryAloneIsMadeSmaller() {
        PodSandboxRequest pod = run(4, container("db", "2", "3Gi"), container("sidecar", "1", "1Gi"));
        CpuSet had = node.view("p").cpus();

        again(pod, accounted(4000, 2 * GI));
        create(pod, "sb1", "db", accounted(2000, 1536 * MI));
        LinuxResources sidecar = create(pod, "sb1", "sidecar", accounted(1000, 512 * MI));

        allocated(4, "{cpu=2, memory=1536Mi}", "{cpu=1, memory=512Mi}");
        assertThat(node.view("p").cpus()).isEqualTo(had);
        assertThat(sidecar.memoryLimitBytes()).isEqualTo(512 * MI);
        assertThat(node.files.read(new CgroupPath("/kubepods/podp"), "memory.max"))
                .isEqualTo("" + 2 * GI);
    }

    /** A pod all of whose CPUs are exclusive to containers: its quota is lifted, though CRI names a limit. */
    @Test
    void aPodWithoutAQuotaHasTheKubeletsCpus() {
        PodSandboxRequest pod = run(4, container("db", "2", "1Gi"), container("sidecar", "2", "1Gi"));
        CpuSet had = node.view("p").cpus();

        again(pod, accounted(5000, 4 * GI));

        allocated(5, "{cpu=2, memory=1Gi}", "{cpu=2, memory=1Gi}");
        assertThat(node.view("p").cpus().containsAll(had)).isTrue();
    }

    /** The kubelet's values are not known when the sandbox is made: of 4 CPUs each container first has 2. */
    @Test
    void aContainerWithMoreThanItsPlaceholderTakesFromThoseThatAreNotCreated() {
        PodSandboxRequest pod = run(6, container("a", "3", "1Gi"), container("b", "3", "1Gi"));

        again(pod, accounted(4000, 4 * GI));
        LinuxResources a = create(pod, "sb1", "a", accounted(3000, GI));
        LinuxResources b = create(pod, "sb1", "b", accounted(1000, GI));

        allocated(4, "{cpu=3, memory=1Gi}", "{cpu=1, memory=1Gi}");
        assertThat(CpuSet.parse(a.cpusetCpus()).size()).isEqualTo(3);
        assertThat(CpuSet.parse(a.cpusetCpus()).union(CpuSet.parse(b.cpusetCpus())))
                .isEqualTo(node.view("p").cpus());
    }

    @Test
    void theOrderOfCreationMakesNoDifference() {
        PodSandboxRequest pod = run(4, container("db", "3", "2Gi"), container("sidecar", "1", "1Gi"));

        again(pod, accounted(3000, 4 * GI));
        create(pod, "sb1", "sidecar", accounted(2000, 3 * GI));
        create(pod, "sb1", "db", accounted(1000, GI));

        allocated(3, "{cpu=1, memory=1Gi}", "{cpu=2, memory=3Gi}");
    }

    @Test
    void aRestartBetweenSandboxAndContainersChangesNothing() {
        PodSandboxRequest pod = run(4, container("db", "3", "2Gi"), container("sidecar", "1", "1Gi"));

        again(pod, accounted(3000, 3 * GI));
        node.start();
        node.create(pod, "sb1", "db", accounted(1000, GI));
        node.create(pod, "sb1", "sidecar", accounted(2000, GI));

        allocated(3, "{cpu=1, memory=1Gi}", "{cpu=2, memory=1Gi}");
    }

    /** Their CPUs are divided otherwise, and neither the pod's update nor theirs was seen. */
    @Test
    void containersCreatedAnewInTheirSandboxGiveWayToEachOther() {
        PodSandboxRequest pod = run(4, container("db", "3", "2Gi"), container("sidecar", "1", "1Gi"));
        node.create(pod, "sb", "db", accounted(3000, 2 * GI));
        node.create(pod, "sb", "sidecar", accounted(1000, GI));
        node.brain.happened(new NodeEvent.ContainerStopped(BrainFixture.idOf("sb", "db")));
        node.brain.happened(new NodeEvent.ContainerStopped(BrainFixture.idOf("sb", "sidecar")));

        create(pod, "sb", "sidecar", accounted(2000, GI));
        create(pod, "sb", "db", accounted(1000, GI));

        allocated(4, "{cpu=1, memory=1Gi}", "{cpu=2, memory=1Gi}");
    }

    @Test
    void aRunningContainerDoesNotGiveWay() {
        PodSandboxRequest pod = run(4, container("db", "3", "2Gi"), container("sidecar", "1", "1Gi"));
        node.create(pod, "sb", "db", accounted(3000, 2 * GI));
        CpuSet had = node.cpusOf("p", "db");
        node.create(pod, "sb", "sidecar", accounted(1000, GI));
        node.brain.happened(new NodeEvent.ContainerStopped(BrainFixture.idOf("sb", "sidecar")));

        assertThat(decided(pod, "sb", "sidecar", accounted(2000, GI))).isInstanceOf(Verdict.Refuse.class);

        assertThat(node.cpusOf("p", "db")).isEqualTo(had);
        allocated(4, "{cpu=3, memory=2Gi}", "{cpu=1, memory=1Gi}");
    }

    @Test
    void aContainerMadeAnewInItsSandboxHasFewerCpus() {
        PodSandboxRequest pod = run(4, container("db", "3", "2Gi"), container("sidecar", "1", "1Gi"));
        node.create(pod, "sb", "db", accounted(3000, 2 * GI));
        node.create(pod, "sb", "sidecar", accounted(1000, GI));
        node.brain.happened(new NodeEvent.ContainerStopped(BrainFixture.idOf("sb", "db")));

        LinuxResources db = create(pod, "sb", "db", accounted(2000, GI));

        assertThat(CpuSet.parse(db.cpusetCpus()).size()).isEqualTo(2);
        allocated(4, "{cpu=2, memory=1Gi}", "{cpu=1, memory=1Gi}");
    }
}
