package io.podslice.agent.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.agent.manifest.Pod;
import io.podslice.agent.publish.NumaFilter;
import io.podslice.agent.yaml.Mark;
import io.podslice.cgroups.BootedCgroups;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.DraftCgroups;
import io.podslice.cgroups.PlanRunner;
import io.podslice.cgroups.layout.CgroupLayout;
import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.placement.MemoryManagerPolicy;
import io.podslice.managers.placement.PlacementPolicy;
import io.podslice.managers.placement.PodPlacer;
import io.podslice.managers.pod.Cfs;
import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceRequirements;
import io.podslice.managers.topology.TopologyPolicy;
import io.podslice.managers.topology.TopologyScope;
import io.podslice.node.NodeConfig;
import io.podslice.node.NodeRequest;
import io.podslice.node.PlanListener;
import io.podslice.node.RefusedException;
import io.podslice.node.Verdict;
import io.podslice.node.brain.NodeBrain;
import io.podslice.node.brain.StateFolder;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The brain admits every pod that a scheduler sends because of what is published of it, until the node is full. */
class SentPodsTest {
    private static final long GIB = 1L << 30;

    private static PodSpec spec(Random random) {
        List<ContainerSpec> containers = new ArrayList<>();
        int apps = 1 + random.nextInt(3);
        for (int i = 0; i < apps; i++) {
            String cpu = random.nextInt(5) == 0 ? "250m" : Integer.toString(1 + random.nextInt(4));
            ResourceList amounts = ResourceList.of(cpu, (1 + random.nextInt(4)) + "Gi");
            containers.add(new ContainerSpec("app" + i, ContainerKind.APP, new ResourceRequirements(amounts, amounts)));
        }
        return new PodSpec(ResourceRequirements.NONE, containers);
    }

    private static Pod pod(String name, PodSpec spec) {
        return new Pod(
                Mark.START,
                name,
                "default",
                "uid-" + name,
                spec,
                ResourceList.EMPTY,
                false,
                Map.of(),
                Map.of(),
                Map.of());
    }

    @ParameterizedTest
    @EnumSource
    void arePlaced(TopologyScope scope) throws RefusedException {
        int sent = 0;
        for (long seed = 1; seed <= 60; seed++) {
            Random random = new Random(seed);
            Machine machine = Machine.regular(2, 1 + random.nextInt(2), 4, 2, 16 * GIB);
            PlacementPolicy policy = PlacementPolicy.DEFAULT
                    .withTopologyManager(TopologyPolicy.SINGLE_NUMA_NODE, scope)
                    .withReservedSystemCpus(random.nextBoolean() ? CpuSet.of(0) : CpuSet.empty())
                    .withMemoryManager(
                            random.nextBoolean() ? MemoryManagerPolicy.STATIC : MemoryManagerPolicy.NONE, Map.of());
            NodeConfig config =
                    new NodeConfig(policy, new CgroupPath("/kubepods"), Cfs.DEFAULT, Duration.ofSeconds(30));
            DraftCgroups tree = new DraftCgroups(new BootedCgroups(machine.cpuSet(), machine.numaNodes()));
            DryKubelet kubelet = new DryKubelet(config.layout(), machine, config.cfs());
            DryRuntime runtime = new DryRuntime(tree);
            new PlanRunner(tree).apply(kubelet.start());
            NodeBrain brain = new NodeBrain(
                    config,
                    machine,
                    tree,
                    new PodPlacer(machine, policy),
                    device -> CpuSet.empty(),
                    StateFolder.inMemory(),
                    Clock.fixed(Instant.EPOCH, ZoneOffset.UTC),
                    PlanListener.NONE);
            for (int i = 0; i < 25; i++) {
                Pod pod = pod("p" + i, spec(random));
                if (!NumaFilter.of(brain.allocations()).passes(pod.spec())) {
                    continue;
                }
                Verdict verdict = brain.decide(new NodeRequest.RunPodSandbox(kubelet.sandbox(pod)));
                assertThat(verdict)
                        .as("seed %s, %s: %s", seed, pod.name(), pod.spec())
                        .isInstanceOf(Verdict.Proceed.class);
                runtime.sandbox(CgroupLayout.containerOf(kubelet.cgroup(pod), "sandbox-" + i));
                ((Verdict.Proceed) verdict).completion().succeeded("sandbox-" + i);
                sent++;
            }
        }
        assertThat(sent).isGreaterThan(300);
    }
}
