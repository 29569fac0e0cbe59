package io.podslice.node.brain;

import static io.podslice.node.brain.BrainFixture.GI;
import static io.podslice.node.brain.BrainFixture.cpuAndMemory;
import static io.podslice.node.brain.BrainFixture.idOf;
import static io.podslice.node.brain.BrainFixture.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.managers.pod.LiftedQuota;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.node.Completion;
import io.podslice.node.NodeEvent;
import io.podslice.node.NodeRequest;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.Verdict;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ContainersTest {
    private static final Map<String, String> PINNED = spec("""
            {'resources':{'requests':{'cpu':'8','memory':'16Gi','hugepages-2Mi':'64Mi'},
                          'limits':{'cpu':'8','memory':'16Gi','hugepages-2Mi':'64Mi'}},
             'containers':[
               {'name':'mesh','kind':'sidecar'},
               {'name':'load','kind':'init','resources':{'requests':{'cpu':'7','memory':'1Gi'},
                                                         'limits':{'cpu':'7','memory':'1Gi'}}},
               {'name':'db','resources':{'requests':{'cpu':'4','memory':'8Gi'},'limits':{'cpu':'4','memory':'8Gi'}}},
               {'name':'log','resources':{'requests':{'cpu':'250m'},'limits':{'cpu':'1','memory':'1Gi'}}}]}""");

    private final BrainFixture node = new BrainFixture();
    private final PodSandboxRequest pod = node.pod("p", "/kubepods/podp", PINNED);

    @Test
    void eachContainerGetsItsCpusQuotaAndLimits() {
        node.run(pod, "sb1");

        LinuxResources mesh = node.create(pod, "sb1", "mesh");
        LinuxResources db = node.create(pod, "sb1", "db");
        LinuxResources log = node.create(pod, "sb1", "log");

        assertThat(db.cpusetCpus()).isEqualTo("0-1,16-17");
        assertThat(LiftedQuota.isLifted(db)).isTrue();
        assertThat(db.cpuShares()).isEqualTo(4096);
        assertThat(db.memoryLimitBytes()).isEqualTo(8 * GI);
        assertThat(db.hugepageLimits()).isEqualTo(Map.of("2MB", 64L << 20));
        assertThat(log.cpusetCpus()).isEqualTo("2-3,18-19");
        assertThat(log.cpuQuotaMicros()).isEqualTo(100_000);
        assertThat(log.cpuShares()).isEqualTo(256);
        assertThat(mesh.cpusetCpus()).isEqualTo("2-3,18-19");
        assertThat(mesh.cpuQuotaMicros()).isEqualTo(800_000);
        assertThat(mesh.memoryLimitBytes()).isEqualTo(16 * GI);
        // The kubelet binds memory nodes only where it accounts memory on them, and so does podslice.
        assertThat(db.cpusetMems()).isEmpty();
    }

    @Test
    void underStaticMemoryContainersAreKeptToThePodsNodes() {
        BrainFixture accounted = new BrainFixture(
                BrainFixture.MACHINE.withHugepages(0, 2L << 20, 512).withHugepages(1, 2L << 20, 512),
                BrainFixture.withStaticMemory());
        PodSandboxRequest first = accounted.pod("first", "/kubepods/podf", PINNED);
        accounted.run(first, "sb0");
        accounted.run(accounted.pod("second", "/kubepods/pods", PINNED), "sb1");
        PodSandboxRequest large = accounted.pod("large", "/kubepods/podl", spec("""
                {'resources':{'requests':{'cpu':'2','memory':'48Gi'},'limits':{'cpu':'2','memory':'48Gi'}},
                 'containers':[{'name':'a'}]}"""));
        accounted.run(large, "sb2");

        assertThat(accounted.create(first, "sb0", "db").cpusetMems()).isEqualTo("0");
        // Node 0 has 31 GiB left.
        assertThat(accounted.create(large, "sb2", "a").cpusetMems()).isEqualTo("1");
        assertThat(accounted.view("large").numaNodes()).isEqualTo(CpuSet.of(1));
    }

    @Test
    void whatTheKubeletSaysOtherwiseStays() {
        node.run(pod, "sb1");
        LinuxResources sent = new LinuxResources(
                new LinuxResources.Cpu(100_000, 800_000, 8192),
                new LinuxResources.Memory(16 * GI, 16 * GI),
                new LinuxResources.Cpuset("0-31", ""),
                987,
                Map.of("2MB", 64L << 20, "1GB", 0L),
                Map.of("memory.oom.group", "1"));

        LinuxResources mesh = node.create(pod, "sb1", "mesh", sent);

        assertThat(mesh).isEqualTo(sent.withCpuset("2-3,18-19", ""));
    }

    @Test
    void whileAnInitContainerRunsOnThePoolsCpusTheOthersAreOffThem() {
        node.run(pod, "sb1");
        node.create(pod, "sb1", "mesh");

        LinuxResources load = node.create(pod, "sb1", "load");
        assertThat(LiftedQuota.isLifted(load)).isTrue();
        assertThat(CpuSet.parse(load.cpusetCpus()).size()).isEqualTo(7);
        CpuSet mesh = CpuSet.parse(node.files.get("/kubepods/podp/" + idOf("sb1", "mesh"), "cpuset.cpus"));
        assertThat(mesh.size()).isEqualTo(1);
        assertThat(mesh.intersects(CpuSet.parse(load.cpusetCpus()))).isFalse();

        // No event says that it has ended, but another container comes only after its end.
        node.files.removeAll(new CgroupPath("/kubepods/podp/" + idOf("sb1", "load")));
        node.create(pod, "sb1", "db");
        assertThat(node.files.get("/kubepods/podp/" + idOf("sb1", "mesh"), "cpuset.cpus"))
                .isEqualTo("2-3,18-19");
        assertThat(node.files.get("/kubepods/podp/sb1", "cpuset.cpus")).isEqualTo("2-3,18-19");
    }

    @Test
    void anInitContainerThatIsNotCreatedGivesThePoolBack() {
        node.run(pod, "sb1");
        node.create(pod, "sb1", "mesh");

        Verdict verdict =
                node.decide(new NodeRequest.CreateContainer(node.container(pod, "sb1", "load", LinuxResources.NONE)));
        assertThat(node.cpusOf("p", "mesh").size()).isEqualTo(1);
        ((Verdict.Proceed) verdict).completion().failed();

        assertThat(node.cpusOf("p", "mesh").size()).isEqualTo(4);
        assertThat(node.files.get("/kubepods/podp/" + idOf("sb1", "mesh"), "cpuset.cpus"))
                .isEqualTo("2-3,18-19");
    }

    @Test
    void aContainerThatTheAnnotationDoesNotKnowRunsInTheNodeSharedPoolAndFollowsIt() {
        node.run(pod, "sb1");

        LinuxResources debug = node.create(pod, "sb1", "debugger-x7f");
        assertThat(debug.cpusetCpus()).isEqualTo("4-15,20-31");
        assertThat(debug.cpuQuotaMicros()).isZero();
        assertThat(debug.memoryLimitBytes()).isZero();

        node.run(node.pod("q", "/kubepods/podq", PINNED), "sb2");
        assertThat(node.files.get("/kubepods/podp/" + idOf("sb1", "debugger-x7f"), "cpuset.cpus"))
                .isEqualTo("8-15,24-31");
        node.brain.happened(new NodeEvent.SandboxStopped("sb2"));
        assertThat(node.files.get("/kubepods/podp/" + idOf("sb1", "debugger-x7f"), "cpuset.cpus"))
                .isEqualTo("4-15,20-31");
    }

    @Test
    void theSandboxIsOffOthersCpusFromItsFirstMoment() {
        Verdict.Proceed proceed = (Verdict.Proceed) node.decide(new NodeRequest.RunPodSandbox(pod));
        assertThat(node.files.get("/kubepods/podp", "cpuset.cpus")).isEqualTo("2-3,18-19");

        node.files.makeAll("/kubepods/podp/sb1");
        BrainFixture.complete(proceed, "sb1");

        assertThat(node.files.get("/kubepods/podp", "cpuset.cpus")).isEmpty();
        assertThat(node.files.get("/kubepods/podp/sb1", "cpuset.cpus")).isEqualTo("2-3,18-19");
        int sandbox = node.files.writes.indexOf("/kubepods/podp/sb1/cpuset.cpus=2-3,18-19");
        int freed = node.files.writes.indexOf("/kubepods/podp/cpuset.cpus=");
        assertThat(sandbox).isNotNegative().isLessThan(freed);
    }

    @Test
    void aSandboxOfAPodWithoutASharedPoolRunsInTheNodes() {
        node.run(node.pod("full", "/kubepods/podfull", spec("""
                {'resources':{'requests':{'cpu':'2','memory':'2Gi'},'limits':{'cpu':'2','memory':'2Gi'}},
                 'containers':[{'name':'a','resources':{'requests':{'cpu':'2','memory':'2Gi'},
                                                        'limits':{'cpu':'2','memory':'2Gi'}}}]}""")), "sb1");

        assertThat(node.files.get("/kubepods/podfull/sb1", "cpuset.cpus")).isEqualTo("1-15,17-31");
        // All of the pod's containers have CPUs of their own: a quota could only throttle them.
        assertThat(node.files.get("/kubepods/podfull", "cpu.max")).isEqualTo("max 100000");
    }

    @Test
    void containersOfAPodWithoutCpusAreNotTouchedButForItsLimits() {
        PodSandboxRequest burstable = node.pod("b", "/kubepods/burstable/podb", spec("""
                {'resources':{'requests':{'cpu':'1','memory':'1Gi'},'limits':{'cpu':'2','memory':'2Gi'}},
                 'containers':[{'name':'a'},{'name':'own','resources':{'limits':{'cpu':'500m','memory':'1Gi'}}}]}"""));
        node.run(burstable, "sb1");

        LinuxResources shared = node.create(burstable, "sb1", "a");
        assertThat(shared.cpusetCpus()).isEmpty();
        assertThat(shared.cpuQuotaMicros()).isEqualTo(200_000);
        assertThat(shared.memoryLimitBytes()).isEqualTo(2 * GI);
        assertThat(node.create(burstable, "sb1", "own").cpuQuotaMicros()).isEqualTo(50_000);
    }

    @Test
    void updatesKeepCpusQuotaAndInheritedLimits() {
        node.run(pod, "sb1");
        node.create(pod, "sb1", "db");
        node.create(pod, "sb1", "mesh");

        // An update of the kubelet's CPU manager holds only a CPU set, and not podslice's.
        assertThat(update("db", LinuxResources.NONE.withCpuset("0-31", "")))
                .isEqualTo(
                        LinuxResources.NONE.withCpuset("0-1,16-17", "").withUnified(Map.of("cpu.max", "max 100000")));
        // A resize by the kubelet holds everything but a CPU set.
        LinuxResources resize = cpuAndMemory(4000, 8 * GI);
        assertThat(update("db", resize))
                .isEqualTo(resize.withCpuset("0-1,16-17", "").withUnified(Map.of("cpu.max", "max 100000")));
        // An update without a value leaves it as it is; the runtime would fall back to the value that it has stored.
        LinuxResources mesh = update("mesh", LinuxResources.NONE.withCpuShares(512));
        assertThat(mesh.cpusetCpus()).isEqualTo("2-3,18-19");
        assertThat(mesh.cpuQuotaMicros()).isEqualTo(800_000);
        assertThat(mesh.memoryLimitBytes()).isEqualTo(16 * GI);
        // A value in the update stays.
        assertThat(update("mesh", resize).cpuQuotaMicros()).isEqualTo(400_000);
    }

    private LinuxResources update(String container, LinuxResources sent) {
        Verdict verdict = node.decide(new NodeRequest.UpdateContainer(idOf("sb1", container), Map.of(), sent));
        LinuxResources result = ((Verdict.Proceed) verdict).resources();
        assertThat(result).isNotNull();
        return result == null ? sent : result;
    }

    @Test
    void updatesOfUnknownContainersPass() {
        Verdict verdict = node.decide(new NodeRequest.UpdateContainer("nobody", Map.of(), cpuAndMemory(1000, GI)));

        assertThat(verdict).isEqualTo(new Verdict.Proceed(null, Completion.NONE));
    }

    @Test
    void aContainersNextAttemptHasTheSameCpus() {
        node.run(pod, "sb1");
        LinuxResources first = node.create(pod, "sb1", "db");
        node.brain.happened(new NodeEvent.ContainerStopped(idOf("sb1", "db")));

        assertThat(node.create(pod, "sb1", "db").cpusetCpus()).isEqualTo(first.cpusetCpus());
    }

    @Test
    void aPodWhoseSandboxRanBeforePodsliceIsTakenInWithItsFirstContainer() {
        node.files.makeAll("/kubepods/podp/sb1");

        LinuxResources db = node.create(pod, "sb1", "db");

        assertThat(db.cpusetCpus()).isEqualTo("0-1,16-17");
        assertThat(node.view("p").sandboxId()).isEqualTo("sb1");
        assertThat(node.files.get("/kubepods/podp/sb1", "cpuset.cpus")).isEqualTo("2-3,18-19");
    }

    @Test
    void theContainerMayComeBeforePodsliceHearsThatTheSandboxRuns() {
        Verdict.Proceed proceed = (Verdict.Proceed) node.decide(new NodeRequest.RunPodSandbox(pod));

        assertThat(node.create(pod, "sb1", "db").cpusetCpus()).isEqualTo("0-1,16-17");
        assertThat(BrainFixture.complete(proceed, "sb1")).isNull();
        assertThat(node.view("p").phase()).isEqualTo("RUNNING");
    }

    @Test
    void containersOfAnInferredPodAreCarvedAsTheyCome() {
        PodSandboxRequest inferred = node.pod("k", "/kubepods/podk", Map.of(), cpuAndMemory(4000, 4 * GI));
        node.run(inferred, "sb1");
        node.create(inferred, "sb1", "side", cpuAndMemory(500, GI));
        assertThat(node.files.get("/kubepods/podk/" + idOf("sb1", "side"), "cpuset.cpus"))
                .isEqualTo("0-1,16-17");

        LinuxResources app = node.create(inferred, "sb1", "app", cpuAndMemory(2000, GI));

        assertThat(app.cpusetCpus()).isEqualTo("0,16");
        assertThat(LiftedQuota.isLifted(app)).isTrue();
        assertThat(node.files.get("/kubepods/podk/" + idOf("sb1", "side"), "cpuset.cpus"))
                .isEqualTo("1,17");
        assertThat(node.files.get("/kubepods/podk/sb1", "cpuset.cpus")).isEqualTo("1,17");

        node.brain.happened(new NodeEvent.ContainerRemoved(idOf("sb1", "app")));
        assertThat(node.files.get("/kubepods/podk/" + idOf("sb1", "side"), "cpuset.cpus"))
                .isEqualTo("0-1,16-17");
    }

    @Test
    void anInferredContainerThatDoesNotFitThePodsPoolShares() {
        PodSandboxRequest inferred = node.pod("k", "/kubepods/podk", Map.of(), cpuAndMemory(4000, 4 * GI));
        node.run(inferred, "sb1");
        node.create(inferred, "sb1", "one", cpuAndMemory(3000, GI));

        LinuxResources two = node.create(inferred, "sb1", "two", cpuAndMemory(1000, GI));

        assertThat(two.cpusetCpus()).isEqualTo("17");
        assertThat(two.cpuQuotaMicros()).isEqualTo(100_000);
    }

    @Test
    void aContainerThatIsGivenThePodsWholeBudgetShares() {
        // A container without limits in a pod with its own gets them from the kubelet: it is not known to want CPUs.
        PodSandboxRequest inferred = node.pod("k", "/kubepods/podk", Map.of(), cpuAndMemory(4000, 4 * GI));
        node.run(inferred, "sb1");

        LinuxResources all = node.create(inferred, "sb1", "all", cpuAndMemory(4000, 4 * GI));

        assertThat(all.cpusetCpus()).isEqualTo("0-1,16-17");
        assertThat(all.cpuQuotaMicros()).isEqualTo(400_000);
    }

    @Test
    void aKnobAloneGivesAContainerOfAnyPodCpus() {
        PodSandboxRequest knobbed =
                node.pod("k", "/kubepods/burstable/podk", Map.of("podslice.io/exclusive.app", "true"));
        node.run(knobbed, "sb1");
        LinuxResources sent = LinuxResources.NONE.withCpuShares(2048);

        LinuxResources app = node.create(knobbed, "sb1", "app", sent);

        assertThat(app.cpusetCpus()).isEqualTo("0,16");
        assertThat(LiftedQuota.isLifted(app)).isTrue();
        // The pod is in a QoS class whose other pods must not have these CPUs.
        node.files.makeAll("/kubepods/burstable/podother");
        node.brain.sweep();
        assertThat(node.files.get("/kubepods/burstable", "cpuset.cpus")).isEmpty();
        assertThat(node.files.get("/kubepods/burstable/podother", "cpuset.cpus"))
                .isEqualTo("1-15,17-31");

        node.brain.happened(new NodeEvent.ContainerRemoved(idOf("sb1", "app")));
        assertThat(node.files.get("/kubepods/burstable/podother", "cpuset.cpus"))
                .isEmpty();
        assertThat(node.brain.snapshot().nodeSharedPool()).isEqualTo(node.machine.cpuSet());
    }

    @Test
    void aBurstablePodsContainerIsExclusiveByItsKnobAndTheOthersShareWithTheNode() {
        Map<String, String> annotations = new HashMap<>(spec("""
                {'resources':{'requests':{'cpu':'3','memory':'1Gi'},'limits':{'cpu':'6','memory':'4Gi'}},
                 'containers':[{'name':'db','resources':{'requests':{'cpu':'2'}}},{'name':'proxy'}]}"""));
        annotations.put("podslice.io/exclusive.db", "true");
        PodSandboxRequest burstable = node.pod("b", "/kubepods/burstable/podb", annotations);
        node.run(burstable, "sb1");

        LinuxResources db = node.create(burstable, "sb1", "db");
        LinuxResources proxy = node.create(burstable, "sb1", "proxy");

        assertThat(db.cpusetCpus()).isEqualTo("0,16");
        assertThat(LiftedQuota.isLifted(db)).isTrue();
        assertThat(proxy.cpusetCpus()).isEqualTo("1-15,17-31");
        assertThat(proxy.cpuQuotaMicros()).isEqualTo(600_000);
        assertThat(node.files.get("/kubepods/burstable/podb/sb1", "cpuset.cpus"))
                .isEqualTo("1-15,17-31");
        assertThat(node.files.get("/kubepods/burstable/podb", "cpu.max")).isEqualTo("600000 100000");

        node.run(pod, "sb2");
        assertThat(node.files.get("/kubepods/burstable/podb/" + idOf("sb1", "proxy"), "cpuset.cpus"))
                .isEqualTo("5-15,21-31");
    }

    @Test
    void aKnobThatCannotBeHadRefusesTheContainer() {
        Map<String, String> knob = new HashMap<>();
        knob.put("podslice.io/exclusive.app", "true");
        PodSandboxRequest knobbed = node.pod("k", "/kubepods/burstable/podk", knob);
        node.run(knobbed, "sb1");

        Verdict broken = node.decide(
                new NodeRequest.CreateContainer(node.container(knobbed, "sb1", "app", cpuAndMemory(1500, GI))));
        assertThat(broken).isInstanceOfSatisfying(Verdict.Refuse.class, refuse -> {
            assertThat(refuse.refusal().reason()).isEqualTo("InvalidPodSpec");
            assertThat(refuse.refusal().message())
                    .startsWith("podslice.io/exclusive.app: linux.resources.cpu_shares 1536 is 1500m CPU");
        });
        Verdict large = node.decide(new NodeRequest.CreateContainer(
                node.container(knobbed, "sb1", "app", LinuxResources.NONE.withCpuShares(64 * 1024))));
        assertThat(large)
                .isInstanceOfSatisfying(
                        Verdict.Refuse.class,
                        refuse -> assertThat(refuse.refusal().message()).contains("requested=64, available=31"));
    }
}
