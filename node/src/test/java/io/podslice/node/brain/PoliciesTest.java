package io.podslice.node.brain;

import static io.podslice.node.brain.BrainFixture.GI;
import static io.podslice.node.brain.BrainFixture.MACHINE;
import static io.podslice.node.brain.BrainFixture.cpuAndMemory;
import static io.podslice.node.brain.BrainFixture.idOf;
import static io.podslice.node.brain.BrainFixture.spec;
import static io.podslice.node.brain.BrainFixture.withPolicy;
import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CpuSet;
import io.podslice.managers.cpu.CpuManagerOptions;
import io.podslice.managers.placement.CpuManagerPolicy;
import io.podslice.managers.placement.MemoryManagerPolicy;
import io.podslice.managers.placement.PlacementPolicy;
import io.podslice.managers.pod.LiftedQuota;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.managers.pod.ResourceName;
import io.podslice.managers.topology.TopologyPolicy;
import io.podslice.managers.topology.TopologyScope;
import io.podslice.node.NodeEvent;
import io.podslice.node.NodeRequest;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.Refusal;
import io.podslice.node.Verdict;
import io.podslice.node.state.NodeState;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Placement of pods under the node's policies. */
final class PoliciesTest {
    private static final PlacementPolicy DEFAULT = PlacementPolicy.DEFAULT;
    private static final PlacementPolicy BY_CONTAINER =
            DEFAULT.withTopologyManager(TopologyPolicy.SINGLE_NUMA_NODE, TopologyScope.CONTAINER);
    private static final PlacementPolicy STRICT =
            DEFAULT.withTopologyManager(TopologyPolicy.SINGLE_NUMA_NODE, TopologyScope.POD);

    private static BrainFixture node(PlacementPolicy policy) {
        return new BrainFixture(MACHINE, withPolicy(policy));
    }

    private static Map<String, String> budget(int cpus, String memory) {
        String amounts = "{'cpu':'" + cpus + "','memory':'" + memory + "'}";
        return spec("{'resources':{'requests':" + amounts + ",'limits':" + amounts + "},'containers':[{'name':'a'}]}");
    }

    private static Map<String, String> containers(String... cpus) {
        StringBuilder json = new StringBuilder();
        for (String cpu : cpus) {
            String amounts = "{'cpu':'" + cpu + "','memory':'1Gi'}";
            json.append(json.isEmpty() ? "" : ",")
                    .append("{'name':'c" + cpu + "','resources':{'requests':" + amounts + ",'limits':" + amounts
                            + "}}");
        }
        return spec("{'containers':[" + json + "]}");
    }

    private static Refusal refused(BrainFixture node, PodSandboxRequest pod) {
        Refusal refusal = node.run(pod, "refused");
        if (refusal == null) {
            throw new AssertionError("not refused");
        }
        return refusal;
    }

    @Test
    void aPodThatWouldFitAfterAMoveIsToldWhich() {
        BrainFixture node = node(STRICT);
        node.run(node.pod("one", "/kubepods/podone", budget(8, "1Gi")), "sb1");
        node.run(node.pod("two", "/kubepods/podtwo", budget(4, "1Gi")), "sb2");
        node.run(node.pod("three", "/kubepods/podthree", budget(8, "1Gi")), "sb3");
        assertThat(node.view("three").numaNodes()).isEqualTo(CpuSet.of(1));

        Refusal refusal = refused(node, node.pod("new", "/kubepods/podnew", budget(10, "1Gi")));

        assertThat(refusal.kind()).isEqualTo(Refusal.Kind.EXHAUSTED);
        assertThat(refusal.text())
                .isEqualTo(
                        "TopologyAffinityError: asked 10 CPUs, 11 free, 8 fit on a node; Pod Scope pod with pod-level resources failed admission under pod-scope"
                                + " topology manager; topologyManagerPolicy single-numa-node; asked 10 CPUs; free by NUMA node: 0 has 4 (6-7,22-23), 1 has 8"
                                + " (12-15,28-31); one stays in the node shared pool; at most 8 would fit on one node, 11 on all;"
                                + " it would fit if pod default/one had CPUs 12-15,28-31 instead of 0-3,16-19");
        assertThat(refused(node, node.pod("large", "/kubepods/podlarge", budget(17, "1Gi")))
                        .kind())
                .isEqualTo(Refusal.Kind.PRECONDITION);
    }

    @Test
    void underScopeContainerEachContainerIsAlignedByItself() {
        BrainFixture node = node(BY_CONTAINER);
        PodSandboxRequest pod = node.pod("p", "/kubepods/podp", containers("12", "10", "500m"));
        node.run(pod, "sb1");

        CpuSet twelve = CpuSet.parse(node.create(pod, "sb1", "c12").cpusetCpus());
        CpuSet ten = CpuSet.parse(node.create(pod, "sb1", "c10").cpusetCpus());
        LinuxResources half = node.create(pod, "sb1", "c500m");

        assertThat(MACHINE.nodesOf(twelve)).isEqualTo(CpuSet.of(0));
        assertThat(MACHINE.nodesOf(ten)).isEqualTo(CpuSet.of(1));
        assertThat(CpuSet.parse(half.cpusetCpus())).isEqualTo(MACHINE.cpuSet().minus(twelve.union(ten)));
        assertThat(half.cpuQuotaMicros()).isEqualTo(50_000);
        assertThat(refused(node, node.pod("q", "/kubepods/podq", containers("8")))
                        .reason())
                .isEqualTo("TopologyAffinityError");
    }

    @Test
    void underScopeContainerContainersOfAnInferredGuaranteedPodGetCpusAsTheyCome() {
        BrainFixture node = node(BY_CONTAINER);
        node.files.makeAll("/kubepods/podk");
        PodSandboxRequest pod = node.pod("k", "/kubepods/podk", Map.of(), cpuAndMemory(4500, 4 * GI));
        assertThat(node.run(pod, "sb1")).isNull();
        assertThat(node.brain.snapshot().nodeSharedPool()).isEqualTo(MACHINE.cpuSet());

        LinuxResources four = node.create(pod, "sb1", "four", cpuAndMemory(4000, GI));
        LinuxResources more = node.create(pod, "sb1", "more", cpuAndMemory(1000, GI));

        assertThat(four.cpusetCpus()).isEqualTo("0-1,16-17");
        assertThat(LiftedQuota.isLifted(four)).isTrue();
        // Beyond the pod's budget.
        assertThat(more.cpusetCpus()).isEqualTo("2-15,18-31");
        node.files.makeAll("/kubepods/burstable/podb");
        PodSandboxRequest burstable = node.pod("b", "/kubepods/burstable/podb", Map.of(), cpuAndMemory(4000, 4 * GI));
        node.run(burstable, "sb2");
        assertThat(node.create(burstable, "sb2", "x", cpuAndMemory(2000, GI)).cpusetCpus())
                .isEmpty();

        node.brain.happened(new NodeEvent.ContainerRemoved(idOf("sb1", "four")));
        assertThat(node.brain.snapshot().nodeSharedPool()).isEqualTo(MACHINE.cpuSet());
    }

    @Test
    void underTopologyPolicyNoneNoPodHasASetButItsContainersHave() {
        BrainFixture node = node(DEFAULT.withTopologyManager(TopologyPolicy.NONE, TopologyScope.POD));
        PodSandboxRequest pod = node.pod("p", "/kubepods/podp", spec("""
                {'resources':{'requests':{'cpu':'4','memory':'4Gi'},'limits':{'cpu':'4','memory':'4Gi'}},
                 'containers':[
                   {'name':'db','resources':{'requests':{'cpu':'2','memory':'1Gi'},'limits':{'cpu':'2','memory':'1Gi'}}},
                   {'name':'log'}]}"""));
        node.run(pod, "sb1");

        assertThat(node.view("p").sharedPool()).isEqualTo(CpuSet.empty());
        assertThat(node.create(pod, "sb1", "db").cpusetCpus()).isEqualTo("0,16");
        assertThat(node.create(pod, "sb1", "log").cpusetCpus()).isEqualTo("1-15,17-31");
        assertThat(node.files.get("/kubepods/podp", "cpu.max")).isEqualTo("400000 100000");
    }

    @Test
    void underFullPhysicalCpusAnOddPodIsRefusedWithTheKubeletsReason() {
        BrainFixture node = node(DEFAULT.withCpuManager(
                CpuManagerPolicy.STATIC, CpuManagerOptions.of(Map.of("full-pcpus-only", "true"))));

        assertThat(refused(node, node.pod("p", "/kubepods/podp", budget(3, "1Gi")))
                        .text())
                .isEqualTo(
                        "SMTAlignmentError: SMT Alignment Error: requested 3 cpus not multiple cpus per core = 2; 2 or"
                                + " 4 CPUs would fit");
        // A pod that asks nothing of podslice shares instead.
        node.files.makeAll("/kubepods/podk");
        assertThat(node.run(node.pod("k", "/kubepods/podk", Map.of(), cpuAndMemory(3000, GI)), "sb1"))
                .isNull();
        assertThat(node.brain.snapshot().nodeSharedPool()).isEqualTo(MACHINE.cpuSet());
    }

    @Test
    void reservedCpusAndMemoryAreKeptBack() {
        BrainFixture node = node(STRICT.withReservedSystemCpus(CpuSet.parse("0-3,16-19"))
                .withMemoryManager(MemoryManagerPolicy.STATIC, Map.of(1, Map.of(ResourceName.MEMORY, 60 * GI))));
        PodSandboxRequest pod = node.pod("p", "/kubepods/podp", budget(4, "8Gi"));
        node.run(pod, "sb1");

        LinuxResources a = node.create(pod, "sb1", "a");

        assertThat(a.cpusetCpus()).isEqualTo("4-5,20-21");
        assertThat(a.cpusetMems()).isEqualTo("0");
        assertThat(refused(node, node.pod("q", "/kubepods/podq", budget(6, "8Gi")))
                        .message())
                .contains("asked memory 8Gi; free by NUMA node: 0 has memory 56Gi, 1 has memory 4Gi");
    }

    @Test
    void aPodThatSharesCpusIsKeptToItsMemory() {
        BrainFixture node = node(DEFAULT.withMemoryManager(MemoryManagerPolicy.STATIC, Map.of()));
        node.run(node.pod("large", "/kubepods/podl", budget(4, "60Gi")), "sb1");
        PodSandboxRequest pod = node.pod("p", "/kubepods/podp", containers("500m"));
        node.run(pod, "sb2");
        PodSandboxRequest inferred = node.pod("k", "/kubepods/podk", Map.of(), cpuAndMemory(1500, 8 * GI));
        node.run(inferred, "sb3");

        assertThat(node.create(pod, "sb2", "c500m").cpusetMems()).isEqualTo("0");
        assertThat(node.create(inferred, "sb3", "x", cpuAndMemory(500, GI)).cpusetMems())
                .isEqualTo("1");
        assertThat(node.create(inferred, "sb3", "x", cpuAndMemory(500, GI)).cpusetCpus())
                .isEmpty();

        node.start();
        assertThat(((Verdict.Proceed) node.decide(new NodeRequest.UpdateContainer(
                                idOf("sb2", "c500m"), Map.of(), LinuxResources.NONE.withCpuShares(512))))
                        .resources())
                .isEqualTo(LinuxResources.NONE.withCpuShares(512).withCpuset("", "0"));
        node.brain.happened(new NodeEvent.SandboxRemoved("sb1"));
        assertThat(node.run(node.pod("next", "/kubepods/podn", budget(4, "60Gi")), "sb4"))
                .isNull();
    }

    private static Map<String, String> withDevices(Map<String, String> annotations, String container, String devices) {
        Map<String, String> result = new HashMap<>(annotations);
        result.put("podslice.io/devices." + container, devices);
        return result;
    }

    @Test
    void aPodIsAlignedWithTheDevicesThatItNames() {
        BrainFixture node = node(STRICT);
        node.devices = device -> switch (device) {
            case "/dev/near0" -> CpuSet.of(0);
            case "0000:3b:00.0" -> CpuSet.of(1);
            case "/dev/anywhere" -> CpuSet.empty();
            default -> throw new IOException("device \"" + device + "\": no such file");
        };
        node.start();

        PodSandboxRequest pod =
                node.pod("p", "/kubepods/podp", withDevices(budget(4, "1Gi"), "a", "0000:3b:00.0, /dev/anywhere"));
        assertThat(node.run(pod, "sb1")).isNull();
        assertThat(node.view("p").numaNodes()).isEqualTo(CpuSet.of(1));

        Refusal apart = refused(
                node, node.pod("q", "/kubepods/podq", withDevices(budget(4, "1Gi"), "a", "/dev/near0,0000:3b:00.0")));
        assertThat(apart.reason()).isEqualTo("TopologyAffinityError");
        assertThat(apart.message()).contains("devices are local to NUMA nodes 0; 1");
        assertThat(refused(node, node.pod("r", "/kubepods/podr", withDevices(budget(4, "1Gi"), "a", "/dev/none")))
                        .text())
                .isEqualTo("InvalidPodSpec: podslice.io/devices.a: device \"/dev/none\": no such file");
        assertThat(refused(node, node.pod("s", "/kubepods/pods", withDevices(budget(4, "1Gi"), "b", "/dev/near0")))
                        .text())
                .contains("podslice.io/pod-spec has no container \"b\"");
        assertThat(refused(node, node.pod("t", "/kubepods/podt", withDevices(budget(4, "1Gi"), "a", "/dev/near0,")))
                        .text())
                .contains("must be device files below /dev, such as /dev/dri/card1, or PCI addresses");
        assertThat(refused(node, node.pod("u", "/kubepods/podu", withDevices(Map.of(), "a", "/dev/near0")))
                        .text())
                .contains("needs podslice.io/pod-spec beside it");
    }

    @Test
    void underScopeContainerItIsTheContainerThatIsAligned() {
        BrainFixture node = node(BY_CONTAINER);
        node.devices = device -> CpuSet.of(1);
        node.start();
        PodSandboxRequest pod = node.pod("p", "/kubepods/podp", withDevices(containers("2", "4"), "c4", "/dev/near1"));
        node.run(pod, "sb1");

        assertThat(MACHINE.nodesOf(node.cpusOf("p", "c2"))).isEqualTo(CpuSet.of(0));
        assertThat(MACHINE.nodesOf(node.cpusOf("p", "c4"))).isEqualTo(CpuSet.of(1));
    }

    @Test
    void aPodKeepsWhatItHasThoughThePolicyIsAnotherOneNow() {
        BrainFixture node = node(DEFAULT);
        PodSandboxRequest pod = node.pod("p", "/kubepods/podp", budget(4, "1Gi"));
        node.run(pod, "sb1");
        node.config = withPolicy(DEFAULT.withCpuManager(CpuManagerPolicy.NONE, CpuManagerOptions.NONE));
        node.start();

        assertThat(node.create(pod, "sb1", "a").cpusetCpus()).isEqualTo("0-1,16-17");
        assertThat(node.brain.snapshot().nodeSharedPool()).isEqualTo(CpuSet.parse("2-15,18-31"));
        assertThat(node.run(node.pod("q", "/kubepods/podq", budget(4, "1Gi")), "sb2"))
                .isNull();
        assertThat(node.view("q").cpus()).isEqualTo(CpuSet.empty());
    }

    @Test
    void theOnlyExclusiveContainerOfAPodThatWasFoundKeepsItsCpus() {
        BrainFixture node = node(DEFAULT);
        node.run(node.pod("other", "/kubepods/podother", budget(4, "1Gi")), "sb1");
        PodSandboxRequest plain = node.pod("p", "/kubepods/podp", containers("2", "500m"));
        PodSandboxRequest pod = new PodSandboxRequest(
                "p",
                plain.namespace(),
                plain.name(),
                0,
                plain.cgroupParent(),
                plain.labels(),
                plain.annotations(),
                plain.resources(),
                plain.overhead());
        node.run(pod, "sb2");
        assertThat(node.create(pod, "sb2", "c2").cpusetCpus()).isEqualTo("2,18");
        node.brain.happened(new NodeEvent.SandboxRemoved("sb1"));
        node.store.saved = NodeState.EMPTY;
        node.start();

        node.create(pod, "sb2", "c500m");

        assertThat(node.cpusOf("p", "c2")).isEqualTo(CpuSet.parse("2,18"));
    }
}
