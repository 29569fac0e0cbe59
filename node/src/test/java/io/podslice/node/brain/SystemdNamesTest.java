package io.podslice.node.brain;

import static io.podslice.node.brain.BrainFixture.GI;
import static io.podslice.node.brain.BrainFixture.MACHINE;
import static io.podslice.node.brain.BrainFixture.cpuAndMemory;
import static io.podslice.node.brain.BrainFixture.idOf;
import static io.podslice.node.brain.BrainFixture.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.managers.placement.PlacementPolicy;
import io.podslice.managers.pod.Cfs;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.node.NodeConfig;
import io.podslice.node.NodeRequest;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.Refusal;
import io.podslice.node.RuntimeContents;
import io.podslice.node.Verdict;
import io.podslice.node.state.NodeState;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** A node with the systemd cgroup driver: pods in slices, their sandboxes and containers in scopes. */
final class SystemdNamesTest {
    private static final String KUBEPODS = "/kubepods.slice";
    private static final String GUARANTEED = KUBEPODS + "/kubepods-poduid_p.slice";
    private static final String BURSTABLE = KUBEPODS + "/kubepods-burstable.slice";
    private static final Map<String, String> PINNED = spec("""
            {'resources':{'requests':{'cpu':'4','memory':'8Gi'},'limits':{'cpu':'4','memory':'8Gi'}},
             'containers':[
               {'name':'db','resources':{'requests':{'cpu':'2','memory':'4Gi'},'limits':{'cpu':'2','memory':'4Gi'}}},
               {'name':'log'}]}""");

    private final BrainFixture node = new BrainFixture(MACHINE, below(KUBEPODS));

    private static NodeConfig below(String kubepods) {
        return new NodeConfig(
                PlacementPolicy.DEFAULT, new CgroupPath(kubepods), Cfs.DEFAULT, NodeConfig.DEFAULT.lostAfter());
    }

    private PodSandboxRequest pinned(BrainFixture on, String parent) {
        PodSandboxRequest pod = on.pod("p", parent, PINNED);
        assertThat(on.run(pod, "sb")).isNull();
        on.create(pod, "sb", "db");
        on.create(pod, "sb", "log");
        return pod;
    }

    private static String scope(String pod, String id) {
        return pod + "/cri-containerd-" + id + ".scope";
    }

    @Test
    void aPodsCpusAreInItsScopesAndTheNodesPoolInTheSlicesOfTheClasses() {
        pinned(node, GUARANTEED);

        CpuSet db = node.cpusOf("p", "db");
        assertThat(db.size()).isEqualTo(2);
        assertThat(node.files.get(scope(GUARANTEED, idOf("sb", "db")), "cpuset.cpus"))
                .isEqualTo(db.toString());
        assertThat(node.files.get(scope(GUARANTEED, "sb"), "cpuset.cpus"))
                .isEqualTo(node.view("p").sharedPool().toString());
        assertThat(node.files.get(BURSTABLE, "cpuset.cpus"))
                .isEqualTo(node.brain.snapshot().nodeSharedPool().toString());
        assertThat(node.files.get(GUARANTEED, "cpu.max")).isEqualTo("400000 100000");
    }

    @Test
    void aSlicesNameAloneIsTakenAsContainerdTakesIt() {
        PodSandboxRequest pod = node.pod("p", "kubepods-poduid_p.slice", PINNED);
        assertThat(node.decide(new NodeRequest.RunPodSandbox(pod))).isInstanceOf(Verdict.Proceed.class);
        assertThat(node.view("p").cgroup()).isEqualTo(new CgroupPath(GUARANTEED));
    }

    @Test
    void aDirectoryOfTheOtherDriverIsRefused() {
        Refusal refusal = Objects.requireNonNull(node.run(node.pod("p", "/kubepods/poduid-p", PINNED), "sb"));
        assertThat(refusal.text())
                .startsWith("InvalidCgroupParent: linux.cgroup_parent \"/kubepods/poduid-p\" is no systemd slice");
    }

    @Test
    void theRootOfAllPodsAndAClassAreNoPodsSlices() {
        for (String parent : List.of(KUBEPODS, BURSTABLE, KUBEPODS + "/kubepods-besteffort.slice")) {
            Refusal refusal = Objects.requireNonNull(node.run(node.pod("p", parent, PINNED), "sb"));
            assertThat(refusal.text()).contains("\"" + parent + "\" holds all pods");
        }
    }

    @Test
    void aNestedRootIsSpelledAsTheKubeletDoes() {
        BrainFixture nested = new BrainFixture(MACHINE, below("/a.slice/a-kubepods.slice"));
        String pod = "/a.slice/a-kubepods.slice/a-kubepods-poduid_p.slice";
        pinned(nested, pod);

        assertThat(nested.files.get(scope(pod, idOf("sb", "db")), "cpuset.cpus"))
                .isEqualTo(nested.cpusOf("p", "db").toString());
        assertThat(nested.files.get("/a.slice/a-kubepods.slice/a-kubepods-burstable.slice", "cpuset.cpus"))
                .isEqualTo(nested.brain.snapshot().nodeSharedPool().toString());
    }

    @Test
    void aPlainGuaranteedPodIsKnownByItsSlice() {
        node.files.makeAll(GUARANTEED);
        PodSandboxRequest guaranteed = node.pod("p", GUARANTEED, Map.of(), cpuAndMemory(2000, 2 * GI));
        assertThat(node.run(guaranteed, "sb")).isNull();
        assertThat(node.view("p").cpus().size()).isEqualTo(2);
        String burstable = BURSTABLE + "/kubepods-burstable-poduid_q.slice";
        node.files.makeAll(burstable);
        assertThat(node.run(node.pod("q", burstable, Map.of(), cpuAndMemory(2000, 2 * GI)), "sq"))
                .isNull();
        assertThat(node.brain.snapshot().pods()).hasSize(1);
    }

    /** The runtime does not report the cgroup: the pod is found by its uid, a static pod's without hyphens too. */
    @Test
    void aPodIsAdoptedFromItsSlice() throws IOException {
        PodSandboxRequest pod = pinned(node, GUARANTEED);
        CpuSet had = node.view("p").cpus();
        CpuSet db = node.cpusOf("p", "db");
        node.store.saved = NodeState.EMPTY;
        node.start();
        LinuxResources stored = LinuxResources.NONE.withCpuset(db.toString(), "");
        List<RuntimeContents.Container> containers = List.of(
                new RuntimeContents.Container(idOf("sb", "db"), "sb", "db", true, 0, stored),
                new RuntimeContents.Container(idOf("sb", "log"), "sb", "log", true, 1, LinuxResources.NONE));
        var _ = node.brain.synchronize(known ->
                new RuntimeContents(List.of(new RuntimeContents.Sandbox("sb", pod.in(""), true, 0)), containers));

        assertThat(node.view("p").cgroup()).isEqualTo(new CgroupPath(GUARANTEED));
        assertThat(node.view("p").cpus()).isEqualTo(had);
        assertThat(node.cpusOf("p", "db")).isEqualTo(db);
    }

    @Test
    void aPodThatTheStateHasLostIsFoundByTheUidInItsSlicesName() {
        pinned(node, GUARANTEED);
        CpuSet had = node.view("p").cpus();
        node.store.saved = NodeState.EMPTY;
        node.start();

        assertThat(node.brain.snapshot().pods()).singleElement().satisfies(found -> {
            assertThat(found.uid()).isEqualTo("uid-p");
            assertThat(found.cpus()).isEqualTo(had);
        });
    }

    /** A reload of systemd's units resets every file that it was not told of: one recheck repairs all of them. */
    @Test
    void aRecheckRepairsEveryCgroupAtOnce() {
        for (int i = 0; i < 4; i++) {
            String parent = KUBEPODS + "/kubepods-poduid_r" + i + ".slice";
            PodSandboxRequest pod = node.pod("r" + i, parent, spec("""
                    {'resources':{'requests':{'cpu':'2','memory':'1Gi'},'limits':{'cpu':'2','memory':'1Gi'}},
                     'containers':[{'name':'log'}]}"""));
            assertThat(node.run(pod, "s" + i)).isNull();
            node.create(pod, "s" + i, "log");
        }
        String pool = node.files.get(BURSTABLE, "cpuset.cpus");
        for (int i = 0; i < 4; i++) {
            CgroupPath slice = new CgroupPath(KUBEPODS + "/kubepods-poduid_r" + i + ".slice");
            node.files.set(slice, "cpu.max", "max 100000");
            node.files.set(slice, "memory.max", "max");
            node.files.set(new CgroupPath(scope(slice.value(), idOf("s" + i, "log"))), "cpuset.cpus", "");
        }
        node.files.set(new CgroupPath(BURSTABLE), "cpuset.cpus", "");

        node.brain.recheck();

        assertThat(node.files.get(BURSTABLE, "cpuset.cpus")).isEqualTo(pool);
        for (int i = 0; i < 4; i++) {
            String slice = KUBEPODS + "/kubepods-poduid_r" + i + ".slice";
            assertThat(node.files.get(slice, "cpu.max")).isEqualTo("200000 100000");
            assertThat(node.files.get(slice, "memory.max")).isEqualTo(Long.toString(GI));
            assertThat(node.files.get(scope(slice, idOf("s" + i, "log")), "cpuset.cpus"))
                    .isEqualTo(node.view("r" + i).sharedPool().toString());
        }
    }
}
