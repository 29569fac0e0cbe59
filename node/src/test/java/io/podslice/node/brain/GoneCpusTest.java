package io.podslice.node.brain;

import static io.podslice.node.brain.BrainFixture.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.cpu.CpuManagerOptions;
import io.podslice.managers.placement.CpuManagerPolicy;
import io.podslice.managers.placement.PlacementPolicy;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceRequirements;
import io.podslice.managers.topology.TopologyPolicy;
import io.podslice.managers.topology.TopologyScope;
import io.podslice.node.NodeConfig;
import io.podslice.node.NodeView;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.Refusal;
import io.podslice.node.ResizeAnswer;
import io.podslice.node.ResizeRequest;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** CPUs that go offline, come online, or that an administrator keeps from all pods. */
final class GoneCpusTest {
    private static final CgroupPath KUBEPODS = new CgroupPath("/kubepods");

    /** CPUs 0-3,8-11 on NUMA node 0 and 4-7,12-15 on node 1; cores are 0,8 to 7,15. */
    private static final Machine SIXTEEN = Machine.regular(2, 1, 4, 2, 64L << 30);

    private static Map<String, String> pinned(int cpus, int ofDb) {
        return spec("""
                {'resources':{'requests':{'cpu':'%1$d','memory':'1Gi'},'limits':{'cpu':'%1$d','memory':'1Gi'}},
                 'containers':[
                   {'name':'db','resources':{'requests':{'cpu':'%2$d','memory':'100Mi'},
                     'limits':{'cpu':'%2$d','memory':'100Mi'}}},
                   {'name':'log'}]}""".formatted(cpus, ofDb));
    }

    private final BrainFixture node = new BrainFixture(SIXTEEN, NodeConfig.DEFAULT);

    private PodSandboxRequest run(String name, int cpus, int ofDb) {
        PodSandboxRequest pod = node.pod(name, "/kubepods/pod" + name, pinned(cpus, ofDb));
        assertThat(node.run(pod, "sb-" + name)).isNull();
        node.create(pod, "sb-" + name, "db");
        node.create(pod, "sb-" + name, "log");
        node.steps.clear();
        return pod;
    }

    private CpuSet effective(String path) {
        return node.files.effective(new CgroupPath(path));
    }

    @Test
    void aPodGetsAnotherCpuForOneThatGoesOffline() {
        run("p", 4, 2);
        assertThat(node.view("p").cpus()).isEqualTo(CpuSet.parse("0-1,8-9"));
        assertThat(node.cpusOf("p", "db")).isEqualTo(CpuSet.parse("0,8"));

        node.offline("8");
        node.brain.sweep();

        NodeView.PodView pod = node.view("p");
        assertThat(pod.cpus()).isEqualTo(CpuSet.parse("0-2,9"));
        assertThat(pod.gone().isEmpty()).isTrue();
        assertThat(node.cpusOf("p", "db")).isEqualTo(CpuSet.parse("0,2"));
        assertThat(effective("/kubepods/podp/sb-p-db")).isEqualTo(CpuSet.parse("0,2"));
        assertThat(effective("/kubepods/podp/sb-p-log")).isEqualTo(CpuSet.parse("1,9"));
        assertThat(effective("/kubepods/burstable")).isEqualTo(CpuSet.parse("3-7,10-15"));

        node.steps.clear();
        node.offline("");
        node.brain.sweep();
        assertThat(node.view("p").cpus()).isEqualTo(CpuSet.parse("0-2,9"));
        assertThat(effective("/kubepods/burstable")).isEqualTo(CpuSet.parse("3-8,10-15"));
    }

    @Test
    void aPodKeepsACpuThatNoneCanReplaceAndHasItAgainWhenItReturns() {
        run("p", 4, 2);
        run("q", 11, 1);

        node.offline("8");
        node.brain.sweep();

        assertThat(node.view("p").cpus()).isEqualTo(CpuSet.parse("0-1,8-9"));
        assertThat(node.view("p").gone()).isEqualTo(CpuSet.parse("8"));
        assertThat(node.brain.metrics().goneCpus()).isEqualTo(1);
        assertThat(effective("/kubepods/podp/sb-p-db")).isEqualTo(CpuSet.parse("0"));

        node.offline("");
        node.brain.sweep();

        assertThat(node.view("p").gone().isEmpty()).isTrue();
        assertThat(effective("/kubepods/podp/sb-p-db")).isEqualTo(CpuSet.parse("0,8"));
        assertThat(node.steps.stream().filter(step -> step.contains("podp"))).isEmpty();
    }

    @Test
    void aContainerWhoseOnlyCpusAreGoneRunsInASharedPool() {
        run("p", 4, 2);
        run("q", 11, 1);

        node.offline("0,8");
        node.brain.sweep();

        assertThat(effective("/kubepods/podp/sb-p-db"))
                .isEqualTo(effective("/kubepods/podp/sb-p-log"))
                .isEqualTo(CpuSet.parse("1,9"));
        node.offline("0-1,8-9");
        node.brain.sweep();
        CpuSet pool = node.brain.snapshot().nodeSharedPool();
        assertThat(pool.size()).isEqualTo(1);
        assertThat(effective("/kubepods/podp/sb-p-db")).isEqualTo(pool);
        assertThat(effective("/kubepods/podp/sb-p-log")).isEqualTo(pool);

        node.offline("");
        node.brain.sweep();
        assertThat(effective("/kubepods/podp/sb-p-db")).isEqualTo(CpuSet.parse("0,8"));
        assertThat(effective("/kubepods/podp/sb-p-log")).isEqualTo(CpuSet.parse("1,9"));
    }

    @Test
    void anotherCpuIsTakenAsSoonAsItIsFree() {
        run("p", 4, 2);
        PodSandboxRequest q = run("q", 11, 1);
        node.offline("8");
        node.brain.sweep();
        assertThat(node.view("p").gone().isEmpty()).isFalse();

        node.stopSandbox(q, "sb-q");
        node.files.removeAll(new CgroupPath("/kubepods/podq"));
        node.brain.sweep();
        node.brain.sweep();

        assertThat(node.view("p").gone().isEmpty()).isTrue();
        assertThat(node.view("p").cpus().size()).isEqualTo(4);
    }

    @Test
    void afterARestartAPodIsShownThatHasACpuWhichIsOffline() {
        run("p", 4, 2);
        run("q", 11, 1);
        node.offline("8");

        node.start();

        assertThat(node.view("p").gone()).isEqualTo(CpuSet.parse("8"));
        assertThat(node.view("p").numaNodes()).isEqualTo(CpuSet.of(0));
        assertThat(node.brain.metrics().goneCpus()).isEqualTo(1);
        assertThat(node.brain.revisedSnapshot().node().pods()).hasSize(2);
        node.brain.sweep();
    }

    @Test
    void afterARestartAPodIsMovedOffACpuThatIsOffline() {
        run("p", 4, 2);
        node.offline("8");

        node.start();

        assertThat(node.view("p").cpus()).isEqualTo(CpuSet.parse("0-2,9"));
        assertThat(effective("/kubepods/podp/sb-p-db")).isEqualTo(CpuSet.parse("0,2"));
    }

    @Test
    void aPodStaysOnItsNumaNodeUnderAPolicyThatSaysSo() {
        BrainFixture strict = new BrainFixture(
                SIXTEEN,
                BrainFixture.withPolicy(PlacementPolicy.DEFAULT.withTopologyManager(
                        TopologyPolicy.SINGLE_NUMA_NODE, TopologyScope.POD)));
        PodSandboxRequest pod = strict.pod("p", "/kubepods/podp", pinned(8, 1));
        assertThat(strict.run(pod, "sb-p")).isNull();
        assertThat(strict.view("p").cpus()).isEqualTo(CpuSet.parse("0-3,8-11"));

        strict.offline("8");
        strict.brain.sweep();

        assertThat(strict.view("p").cpus()).isEqualTo(CpuSet.parse("0-3,8-11"));
        assertThat(strict.view("p").gone()).isEqualTo(CpuSet.parse("8"));
        assertThat(strict.view("p").numaNodes()).isEqualTo(CpuSet.of(0));
    }

    @Test
    void ofACoreThatIsBrokenAPodOfWholeCoresLeavesBothCpus() {
        BrainFixture whole = new BrainFixture(
                SIXTEEN,
                BrainFixture.withPolicy(PlacementPolicy.DEFAULT.withCpuManager(
                        CpuManagerPolicy.STATIC, CpuManagerOptions.of(Map.of("full-pcpus-only", "true")))));
        PodSandboxRequest pod = whole.pod("p", "/kubepods/podp", pinned(4, 2));
        assertThat(whole.run(pod, "sb-p")).isNull();
        assertThat(whole.view("p").cpus()).isEqualTo(CpuSet.parse("0-1,8-9"));

        whole.offline("8");
        whole.brain.sweep();

        assertThat(whole.view("p").cpus()).isEqualTo(CpuSet.parse("1-2,9-10"));
        assertThat(whole.cpusOf("p", "db")).isEqualTo(CpuSet.parse("2,10"));
    }

    @Test
    void cpusThatComeOnlineAreUsed() {
        node.offline("4-15");
        node.start();
        PodSandboxRequest pod = node.pod("p", "/kubepods/podp", pinned(8, 2));
        Refusal refusal = node.run(pod, "sb-p");
        assertThat(refusal == null ? "" : refusal.message()).contains("available=");

        node.offline("");

        assertThat(node.run(pod, "sb-p")).isNull();
        assertThat(node.view("p").cpus().size()).isEqualTo(8);
    }

    @Test
    void podsArePlacedOnTheCpusThatAnAdministratorLeavesThem() {
        node.files.set(KUBEPODS, "cpuset.cpus", "8-11");
        node.start();

        run("p", 2, 1);

        assertThat(node.view("p").cpus()).isEqualTo(CpuSet.parse("8-9"));
        assertThat(node.brain.snapshot().cpus()).isEqualTo(CpuSet.parse("8-11"));
        assertThat(node.brain.snapshot().nodeSharedPool()).isEqualTo(CpuSet.parse("10-11"));
        assertThat(effective("/kubepods/burstable")).isEqualTo(CpuSet.parse("10-11"));
        assertThat(node.files.read(KUBEPODS, "cpuset.cpus")).isEqualTo("8-11");
        Refusal refusal = node.run(node.pod("q", "/kubepods/podq", pinned(3, 1)), "sb-q");
        assertThat(refusal == null ? "" : refusal.kind().name() + " " + refusal.message())
                .startsWith("EXHAUSTED ")
                .contains("requested=3, available=1");
    }

    @Test
    void aRestrictionThatComesLaterIsSeenByTheNextPod() {
        node.files.set(KUBEPODS, "cpuset.cpus", "8-11");

        run("p", 2, 1);

        assertThat(node.view("p").cpus()).isEqualTo(CpuSet.parse("8-9"));
    }

    @Test
    void podsLeaveTheCpusThatAnAdministratorTakes() {
        run("p", 4, 2);
        assertThat(node.view("p").cpus()).isEqualTo(CpuSet.parse("0-1,8-9"));

        node.files.set(KUBEPODS, "cpuset.cpus", "4-7,12-15");
        node.brain.sweep();

        assertThat(node.view("p").cpus()).isEqualTo(CpuSet.parse("4-5,12-13"));
        assertThat(effective("/kubepods/podp/sb-p-db").size()).isEqualTo(2);
        assertThat(effective("/kubepods/burstable")).isEqualTo(CpuSet.parse("6-7,14-15"));

        node.files.set(KUBEPODS, "cpuset.cpus", "");
        node.brain.sweep();
        assertThat(node.view("p").cpus()).isEqualTo(CpuSet.parse("4-5,12-13"));
        assertThat(effective("/kubepods/burstable")).isEqualTo(CpuSet.parse("0-3,6-11,14-15"));
    }

    @Test
    void aPodWithACpuThatIsGoneIsResized() {
        run("p", 4, 2);
        run("q", 11, 1);
        node.offline("8");
        node.brain.sweep();

        ResourceList three = ResourceList.of("3", "1Gi");
        ResizeAnswer answer = node.brain.resize(new ResizeRequest(
                "default", "p", Optional.of(new ResourceRequirements(three, three)), new TreeMap<>(), 0, false));

        assertThat(answer).isInstanceOf(ResizeAnswer.Done.class);
        assertThat(node.view("p").cpus().size()).isEqualTo(3);
    }
}
