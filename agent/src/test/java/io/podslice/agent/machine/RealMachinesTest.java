package io.podslice.agent.machine;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.agent.config.Configuration;
import io.podslice.agent.manifest.Manifests;
import io.podslice.agent.manifest.Pod;
import io.podslice.agent.plan.NodePlan;
import io.podslice.agent.plan.PodPlan;
import io.podslice.agent.yaml.DocumentException;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Machine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** lstopo's XML of a real machine is the machine that its sysfs tells, for placement too; of one NUMA node it has no distance. */
class RealMachinesTest {
    static final List<String> NAMES = RealMachines.NAMES;

    private static final int PAGE = 4096;

    @TempDir
    private Path scratch;

    @ParameterizedTest
    @FieldSource("NAMES")
    void xmlTellsWhatSysfsTells(String name) throws IOException, DocumentException {
        Machine sysfs = RealMachines.ofSysfs(name, scratch);
        for (int version = 1; version <= 2; version++) {
            Machine xml = RealMachines.ofXml(name, version);
            assertThat(xml.cpus()).as("version %s", version).isEqualTo(sysfs.cpus());
            assertThat(xml.memory()).as("version %s", version).isEqualTo(sysfs.memory());
            if (sysfs.numaNodes().size() > 1) {
                assertThat(xml.distances()).as("version %s", version).isEqualTo(sysfs.distances());
            }
            assertThat(xml.offline()).as("version %s", version).isEqualTo(sysfs.offline());
            assertThat(xml.barred()).as("version %s", version).isEqualTo(CpuSet.empty());
        }
    }

    @ParameterizedTest
    @FieldSource("NAMES")
    void aPlanIsWhatItIsBySysfs(String name) throws IOException, DocumentException {
        List<Pod> pods = Manifests.read("pods.yaml", """
                apiVersion: v1
                kind: Pod
                metadata: {name: db}
                spec:
                  resources:
                    requests: {cpu: "6", memory: 4Gi}
                    limits: {cpu: "6", memory: 4Gi}
                  containers:
                  - name: db
                    resources: {requests: {cpu: "4", memory: 1Gi}, limits: {cpu: "4", memory: 1Gi}}
                  - name: log
                """, 0).pods();
        Machine sysfs = RealMachines.ofSysfs(name, scratch);
        PodPlan expected = plan(sysfs, pods);
        assertThat(expected.admitted()).isTrue();
        assertThat(expected.cpus().size()).isEqualTo(6);
        for (int version = 1; version <= 2; version++) {
            PodPlan planned = plan(RealMachines.ofXml(name, version).withIsolated(sysfs.isolated()), pods);
            assertThat(planned.cpus()).as("version %s", version).isEqualTo(expected.cpus());
            assertThat(planned.mems()).as("version %s", version).isEqualTo(expected.mems());
            assertThat(planned.sharedPool()).as("version %s", version).isEqualTo(expected.sharedPool());
        }
    }

    private static PodPlan plan(Machine machine, List<Pod> pods) {
        return NodePlan.of(machine, Configuration.DEFAULT, pods, PAGE).pods().getFirst();
    }
}
