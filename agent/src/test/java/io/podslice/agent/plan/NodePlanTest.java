package io.podslice.agent.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.agent.config.Configuration;
import io.podslice.agent.manifest.Manifests;
import io.podslice.agent.manifest.Pod;
import io.podslice.agent.yaml.DocumentException;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Machine;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class NodePlanTest {
    private static final long PAGE_BYTES = 4096;

    private static List<Pod> pods(List<String> specs) throws DocumentException {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < specs.size(); i++) {
            text.append("---\napiVersion: v1\nkind: Pod\nmetadata: {name: p" + i + "}\nspec: " + specs.get(i) + "\n");
        }
        return Manifests.read("pods.yaml", text.toString(), 0).pods();
    }

    private static String guaranteed(int cpus) {
        String amounts = "{cpu: " + cpus + ", memory: 1Gi}";
        return "{resources: {requests: " + amounts + ", limits: " + amounts + "}, containers: [{name: a}]}";
    }

    @Test
    void aRefusedPodLeavesNothingBehind() throws DocumentException {
        Machine machine = Machine.regular(2, 1, 4, 2, 16L << 30);
        List<Pod> all = pods(
                List.of(guaranteed(4), guaranteed(40), "{containers: [{name: b}]}", guaranteed(13), guaranteed(5)));

        NodePlan plan = NodePlan.of(machine, Configuration.DEFAULT, all, PAGE_BYTES);

        assertThat(plan.pods().stream().map(PodPlan::admitted)).containsExactly(true, false, true, false, true);
        NodePlan without =
                NodePlan.of(machine, Configuration.DEFAULT, List.of(all.get(0), all.get(2), all.get(4)), PAGE_BYTES);
        assertThat(plan.pods().stream().filter(PodPlan::admitted)).containsExactlyElementsOf(without.pods());
        assertThat(plan.nodeSharedPool()).isEqualTo(without.nodeSharedPool());
        for (PodPlan refused : List.of(plan.pods().get(1), plan.pods().get(3))) {
            assertThat(refused.refusal()).isPresent();
            assertThat(refused.cpus().union(refused.mems()).isEmpty()).isTrue();
            assertThat(refused.containers()).isEmpty();
            assertThat(refused.cgroup()).isEmpty();
        }
    }

    @Test
    void initContainersKeepWhatTheyRanWith() throws DocumentException {
        List<Pod> pods = pods(List.of(
                "{resources: {requests: {cpu: 4, memory: 4Gi}, limits: {cpu: 4, memory: 4Gi}}, initContainers: [{name: first, resources: {limits: {cpu: 2,"
                        + " memory: 1Gi}}}, {name: side, restartPolicy: Always}, {name: second}],"
                        + " containers: [{name: app, resources: {limits: {cpu: 1, memory: 1Gi}}}]}"));

        PodPlan plan = NodePlan.of(Machine.regular(1, 1, 8, 1, 16L << 30), Configuration.DEFAULT, pods, PAGE_BYTES)
                .pods()
                .getFirst();

        assertThat(plan.containers().stream()
                        .map(container ->
                                container.name() + " " + container.isolation().text() + " " + container.cpus() + " "
                                        + container.cgroup().get("cpuset.cpus")))
                .containsExactly(
                        "first container 0-1 0-1", "side pod 1-3 1-3", "second pod 0-3 0-3", "app container 0 0");
    }

    @Test
    void hundredsOfPodsOnABigMachineArePlannedAtOnce() throws DocumentException {
        Machine machine = Machine.regular(2, 4, 32, 2, 256L << 30);
        List<String> specs = new ArrayList<>();
        for (int i = 0; i < 250; i++) {
            specs.add(i % 2 == 0 ? guaranteed(2) : "{containers: [{name: a}, {name: b}]}");
        }

        NodePlan plan = NodePlan.of(machine, Configuration.DEFAULT, pods(specs), PAGE_BYTES);

        assertThat(plan.admitted()).isEqualTo(250);
        CpuSet taken = CpuSet.empty();
        for (PodPlan pod : plan.pods()) {
            assertThat(pod.cpus().intersects(taken)).isFalse();
            taken = taken.union(pod.cpus());
        }
        assertThat(taken.size()).isEqualTo(250);
        assertThat(plan.nodeSharedPool()).isEqualTo(machine.cpuSet().minus(taken));
    }
}
