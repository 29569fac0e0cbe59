package io.podslice.node.brain;

import static io.podslice.node.brain.BrainFixture.GI;
import static io.podslice.node.brain.BrainFixture.cpuAndMemory;
import static io.podslice.node.brain.BrainFixture.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CgroupPath;
import io.podslice.node.PodSandboxRequest;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The writes that keep the node shared pool off pods' own CPUs. */
final class PoolsTest {
    private static final Map<String, String> TWO = spec("""
            {'resources':{'requests':{'cpu':'2','memory':'1Gi'},'limits':{'cpu':'2','memory':'1Gi'}},
             'containers':[{'name':'a'}]}""");
    private static final Map<String, String> HALF = spec("""
            {'resources':{'requests':{'cpu':'500m','memory':'1Gi'},'limits':{'cpu':'500m','memory':'1Gi'}},
             'containers':[{'name':'a'}]}""");

    private final BrainFixture node = new BrainFixture();

    private String cpuset(String path) {
        return node.files.get(path, "cpuset.cpus");
    }

    @Test
    void classesAreKeptAsAWholeHoweverManyPodsTheyHold() {
        for (int i = 0; i < 100; i++) {
            node.files.makeAll("/kubepods/burstable/pod" + i + "/container");
        }
        node.files.writes.clear();

        node.run(node.pod("a", "/kubepods/poda", TWO), "sb1");

        assertThat(node.files.writes.stream().filter(write -> write.contains("cpuset.cpus")))
                .containsExactly(
                        "/kubepods/besteffort/cpuset.cpus=1-15,17-31",
                        "/kubepods/burstable/cpuset.cpus=1-15,17-31",
                        // the pod's own, until its sandbox has taken over
                        "/kubepods/poda/cpuset.cpus=0,16",
                        "/kubepods/poda/sb1/cpuset.cpus=0,16",
                        "/kubepods/poda/cpuset.cpus=");
    }

    @Test
    void guaranteedPodsWithoutCpusAreKeptOneByOne() {
        node.files.makeAll("/kubepods/podstranger");
        node.run(node.pod("half", "/kubepods/podhalf", HALF), "sb1");
        node.run(node.pod("two", "/kubepods/podtwo", TWO), "sb2");

        assertThat(cpuset("/kubepods/podstranger")).isEqualTo("1-15,17-31");
        assertThat(cpuset("/kubepods/podhalf")).isEqualTo("1-15,17-31");
        assertThat(cpuset("/kubepods/podtwo")).isEmpty();

        node.run(node.pod("late", "/kubepods/podlate", HALF), "sb3");
        assertThat(cpuset("/kubepods/podlate")).isEqualTo("1-15,17-31");

        node.files.makeAll("/kubepods/podkubelet");
        node.run(node.pod("kubelet", "/kubepods/podkubelet", Map.of(), cpuAndMemory(500, GI)), "sb4");
        assertThat(cpuset("/kubepods/podkubelet")).isEqualTo("1-15,17-31");
    }

    @Test
    void aClassThatHoldsAPodWithCpusIsKeptPodByPod() {
        node.files.makeAll("/kubepods/burstable/pod1/c");
        node.run(node.pod("before", "/kubepods/podbefore", TWO), "sb0");
        assertThat(cpuset("/kubepods/burstable")).isEqualTo("1-15,17-31");
        node.files.writes.clear();

        PodSandboxRequest odd = node.pod("odd", "/kubepods/burstable/pododd", TWO);
        node.run(odd, "sb1");

        assertThat(cpuset("/kubepods/burstable")).isEmpty();
        assertThat(cpuset("/kubepods/burstable/pod1")).isEqualTo("2-15,18-31");
        assertThat(cpuset("/kubepods/besteffort")).isEqualTo("2-15,18-31");
        List<String> writes = node.files.writes;
        assertThat(writes.indexOf("/kubepods/burstable/pod1/cpuset.cpus=2-15,18-31"))
                .isNotNegative()
                .isLessThan(writes.indexOf("/kubepods/burstable/cpuset.cpus="));

        // A pod that comes into the QoS class later is restricted before it starts.
        node.files.makeAll("/kubepods/burstable/pod2");
        node.run(node.pod("2", "/kubepods/burstable/pod2", Map.of(), cpuAndMemory(500, GI)), "sb2");
        assertThat(cpuset("/kubepods/burstable/pod2")).isEqualTo("2-15,18-31");

        writes.clear();
        node.stopSandbox(odd, "sb1");
        assertThat(cpuset("/kubepods/burstable")).isEqualTo("1-15,17-31");
        assertThat(cpuset("/kubepods/burstable/pod1")).isEmpty();
        assertThat(writes.indexOf("/kubepods/burstable/cpuset.cpus=1-15,17-31"))
                .isNotNegative()
                .isLessThan(writes.indexOf("/kubepods/burstable/pod1/cpuset.cpus="));
    }

    @Test
    void whenNobodyHasCpusNobodyIsRestricted() {
        node.files.makeAll("/kubepods/podstranger");
        Map<String, String> before = node.files.everything();
        PodSandboxRequest two = node.pod("two", "/kubepods/podtwo", TWO);
        PodSandboxRequest odd = node.pod("odd", "/kubepods/burstable/pododd", TWO);
        node.run(two, "sb1");
        node.run(odd, "sb2");

        node.stopSandbox(two, "sb1");
        node.stopSandbox(odd, "sb2");

        assertThat(node.files.everything()).isEqualTo(before);
    }

    @Test
    void whatOthersHaveWrittenOverIsPutRight() {
        node.run(node.pod("two", "/kubepods/podtwo", TWO), "sb1");
        node.create(node.pod("two", "/kubepods/podtwo", TWO), "sb1", "a");
        node.files.set(new CgroupPath("/kubepods/burstable"), "cpuset.cpus", "");
        node.files.set(new CgroupPath("/kubepods/podtwo/sb1-a"), "cpuset.cpus", "0-31");
        node.files.set(new CgroupPath("/kubepods/podtwo"), "cpuset.cpus", "3");

        node.brain.sweep();

        assertThat(cpuset("/kubepods/burstable")).isEqualTo("1-15,17-31");
        assertThat(cpuset("/kubepods/podtwo/sb1-a")).isEqualTo("0,16");
        assertThat(cpuset("/kubepods/podtwo")).isEmpty();
    }

    @Test
    void aPodThatVanishesMeanwhileDoesNotMatter() {
        node.files.makeAll("/kubepods/podgone");
        node.files.beforeWrite = (file, value) -> {
            if (file.equals("/kubepods/podgone/cpuset.cpus")) {
                node.files.removeAll(new CgroupPath("/kubepods/podgone"));
            }
        };

        assertThat(node.run(node.pod("two", "/kubepods/podtwo", TWO), "sb1")).isNull();
    }
}
