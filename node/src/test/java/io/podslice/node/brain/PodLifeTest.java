package io.podslice.node.brain;

import static io.podslice.node.brain.BrainFixture.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CpuSet;
import io.podslice.managers.pod.LiftedQuota;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.node.NodeEvent;
import io.podslice.node.PodSandboxRequest;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A pod with its own CPUs beside one without, from admission to removal. */
final class PodLifeTest {
    private static final String DATABASE = """
            {'resources':{'requests':{'cpu':'8','memory':'16Gi'},'limits':{'cpu':'8','memory':'16Gi'}},
             'containers':[
               {'name':'database','resources':{'requests':{'cpu':'6','memory':'12Gi'},
                                               'limits':{'cpu':'6','memory':'12Gi'}}},
               {'name':'metrics','kind':'sidecar'},
               {'name':'backup','kind':'sidecar'}]}""";

    private final BrainFixture node = new BrainFixture();
    private final PodSandboxRequest pod = node.pod("db", "/kubepods/poddb", spec(DATABASE));

    @Test
    void aGuaranteedPodGetsAlignedCpusAndItsContainersSlices() {
        assertThat(node.run(pod, "sb1")).isNull();

        LinuxResources database = node.create(pod, "sb1", "database");
        LinuxResources metrics = node.create(pod, "sb1", "metrics");
        LinuxResources backup = node.create(pod, "sb1", "backup");

        assertThat(database.cpusetCpus()).isEqualTo("0-2,16-18");
        assertThat(LiftedQuota.isLifted(database)).isTrue();
        assertThat(database.memoryLimitBytes()).isEqualTo(12 * BrainFixture.GI);
        assertThat(metrics.cpusetCpus()).isEqualTo("3,19");
        assertThat(metrics.cpuQuotaMicros()).isEqualTo(800_000);
        assertThat(metrics.memoryLimitBytes()).isEqualTo(16 * BrainFixture.GI);
        assertThat(backup.cpusetCpus()).isEqualTo("3,19");
        assertThat(node.view("db").numaNodes()).isEqualTo(CpuSet.of(0));
    }

    @Test
    void thePodsCgroupHasItsBudgetAndTheOthersAreOffItsCpus() {
        node.run(pod, "sb1");

        assertThat(node.files.get("/kubepods/poddb", "cpu.max")).isEqualTo("800000 100000");
        assertThat(node.files.get("/kubepods/poddb", "cpu.weight")).isEqualTo("313");
        assertThat(node.files.get("/kubepods/poddb", "memory.max")).isEqualTo("17179869184");
        assertThat(node.files.get("/kubepods/poddb", "cpuset.cpus")).isEmpty();
        assertThat(node.files.get("/kubepods/burstable", "cpuset.cpus")).isEqualTo("4-15,20-31");
        assertThat(node.files.get("/kubepods/besteffort", "cpuset.cpus")).isEqualTo("4-15,20-31");
        assertThat(node.files.get("/kubepods/poddb/sb1", "cpuset.cpus")).isEqualTo("3,19");
    }

    @Test
    void whenTheSandboxIsGoneEverythingIsAsBefore() {
        Map<String, String> before = node.files.everything();
        node.run(pod, "sb1");
        node.create(pod, "sb1", "database");

        node.stopSandbox(pod, "sb1");
        node.brain.happened(new NodeEvent.SandboxRemoved("sb1"));

        assertThat(node.files.everything()).isEqualTo(before);
        assertThat(node.brain.snapshot().pods()).isEmpty();
        assertThat(node.brain.snapshot().nodeSharedPool()).isEqualTo(node.machine.cpuSet());
    }
}
