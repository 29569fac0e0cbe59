package io.podslice.agent.publish;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.cpu.CpuManagerOptions;
import io.podslice.managers.placement.CpuManagerPolicy;
import io.podslice.managers.placement.MemoryManagerPolicy;
import io.podslice.managers.placement.NodePlacements;
import io.podslice.managers.placement.Placement;
import io.podslice.managers.placement.PlacementPolicy;
import io.podslice.managers.placement.PodPlacement;
import io.podslice.managers.placement.PodPlacer;
import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceName;
import io.podslice.managers.pod.ResourceRequirements;
import io.podslice.managers.topology.TopologyPolicy;
import io.podslice.managers.topology.TopologyScope;
import io.podslice.node.NodeAllocations;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A pod that a scheduler sends because of what is published is placed by podslice. */
class SchedulerFilterTest {
    private static final long GIB = 1L << 30;

    private static ContainerSpec container(String name, ContainerKind kind, String cpu, long gibibytes) {
        ResourceList amounts = ResourceList.of(cpu, gibibytes + "Gi");
        return new ContainerSpec(name, kind, new ResourceRequirements(amounts, amounts));
    }

    private static NumaFilter filter(PodPlacer placer, PlacementPolicy policy, NodePlacements pods) {
        return NumaFilter.of(new NodeAllocations(List.of(), placer.supply(pods), policy));
    }

    /** A node in a random state, and what became of the pods that it was asked about. */
    private static final class RandomNode {
        private final Random random;
        private final TopologyScope scope;
        private final int threads;
        private final boolean wholeCores;
        private final PlacementPolicy policy;
        private final PodPlacer placer;
        private NodePlacements pods = NodePlacements.EMPTY;
        private int sent;
        private int missed;

        RandomNode(long seed, TopologyScope scope) {
            this.random = new Random(seed);
            this.scope = scope;
            this.threads = 1 + random.nextInt(2);
            this.wholeCores = random.nextInt(3) == 0;
            Machine machine = Machine.regular(
                    1 + random.nextInt(2), 1 + random.nextInt(3), 2 + random.nextInt(5), threads, 16 * GIB);
            PlacementPolicy chosen = PlacementPolicy.DEFAULT
                    .withCpuManager(
                            CpuManagerPolicy.STATIC,
                            wholeCores
                                    ? CpuManagerOptions.of(Map.of("full-pcpus-only", "true"))
                                    : CpuManagerOptions.NONE)
                    .withTopologyManager(TopologyPolicy.SINGLE_NUMA_NODE, scope)
                    .withReservedSystemCpus(random.nextBoolean() ? CpuSet.of(0) : CpuSet.empty());
            this.policy = random.nextBoolean()
                    ? chosen.withMemoryManager(MemoryManagerPolicy.STATIC, Map.of(0, Map.of(ResourceName.MEMORY, GIB)))
                    : chosen;
            this.placer = new PodPlacer(machine, policy);
        }

        private String cpus() {
            if (random.nextInt(5) == 0) {
                return (100 + random.nextInt(1900)) + "m";
            }
            int most = 4 / (wholeCores ? threads : 1);
            return Integer.toString((1 + random.nextInt(most)) * (wholeCores ? threads : 1));
        }

        private PodSpec candidate() {
            List<ContainerSpec> containers = new ArrayList<>();
            if (scope == TopologyScope.POD && random.nextInt(4) == 0) {
                containers.add(container("init", ContainerKind.INIT, cpus(), 1 + random.nextInt(4)));
            }
            int apps = 1 + random.nextInt(3);
            for (int i = 0; i < apps; i++) {
                containers.add(container("app" + i, ContainerKind.APP, cpus(), 1 + random.nextInt(4)));
            }
            return new PodSpec(ResourceRequirements.NONE, containers);
        }

        void step(String uid, long seed) {
            PodSpec pod = candidate();
            boolean passes = filter(placer, policy, pods).passes(pod);
            Placement placement = placer.place(pods, uid, pod, Map.of());
            if (passes) {
                sent++;
                assertThat(placement)
                        .as("seed %s, pod %s, scope %s: %s beside %s", seed, uid, scope, pod, pods)
                        .isInstanceOf(Placement.Placed.class);
            }
            if (placement instanceof Placement.Placed(var placed)) {
                missed += passes ? 0 : 1;
                pods = pods.with(uid, placed);
            }
            if (!pods.pods().isEmpty() && random.nextInt(3) == 0) {
                List<String> uids = List.copyOf(pods.pods().keySet());
                pods = pods.without(uids.get(random.nextInt(uids.size())));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"pod", "container"})
    void every_pod_that_the_scheduler_sends_is_placed(String scope) {
        TopologyScope its = scope.equals("pod") ? TopologyScope.POD : TopologyScope.CONTAINER;
        int sent = 0;
        int missed = 0;
        for (long seed = 1; seed <= 400; seed++) {
            RandomNode node = new RandomNode(seed, its);
            for (int i = 0; i < 30; i++) {
                node.step("pod" + i, seed);
            }
            sent += node.sent;
            missed += node.missed;
        }
        assertThat(sent).isGreaterThan(3000);
        System.out.println("scope " + scope + ": sent and placed " + sent + ", placed though not sent " + missed);
    }

    /** The rules, one by one, on 2 NUMA nodes of 4 CPUs with 16 GiB each; CPU 0 is reserved, and 2 of node 1 are taken. */
    @ParameterizedTest(name = "scope {0}: {1}: {2}")
    @CsvSource({
        "pod, 3, true",
        "pod, 4, false",
        "pod, 2+2, false",
        "pod, 500m, true",
        "pod, init 3 then 2, true",
        "pod, 2 and 17Gi, false",
        "container, 2+2, true",
        "container, 3+2, true",
        "container, 3+3, false",
        "container, init 4 then 1, false"
    })
    void rules(String scope, String text, boolean passes) {
        Machine machine = Machine.regular(2, 1, 4, 1, 16 * GIB);
        PlacementPolicy policy = PlacementPolicy.DEFAULT
                .withTopologyManager(
                        TopologyPolicy.SINGLE_NUMA_NODE,
                        scope.equals("pod") ? TopologyScope.POD : TopologyScope.CONTAINER)
                .withReservedSystemCpus(CpuSet.of(0));
        PodPlacer placer = new PodPlacer(machine, policy);
        NodePlacements pods = NodePlacements.EMPTY.with("other", PodPlacement.ofSet(CpuSet.parse("4-5")));
        List<ContainerSpec> containers = new ArrayList<>();
        String apps = text;
        if (text.startsWith("init ")) {
            String[] parts = text.substring("init ".length()).split(" then ", -1);
            containers.add(container("init", ContainerKind.INIT, parts[0], 1));
            apps = parts[1];
        }
        String[] memory = apps.split(" and ", -1);
        for (String cpu : memory[0].split("\\+", -1)) {
            containers.add(container(
                    "app" + containers.size(),
                    ContainerKind.APP,
                    cpu,
                    memory.length == 1 ? 1 : Long.parseLong(memory[1].replace("Gi", ""))));
        }
        PodSpec pod = new PodSpec(ResourceRequirements.NONE, containers);
        assertThat(filter(placer, policy, pods).passes(pod)).isEqualTo(passes);
        assertThat(placer.place(pods, "new", pod, Map.of()) instanceof Placement.Placed)
                .as("placed, which it must be if it is sent")
                .isIn(true, passes);
    }

    /**
     * A container must take the CPUs that its pod's init container has left, as in the kubelet, and with scope container not
     * from two NUMA nodes. The scheduler counts init containers by themselves.
     */
    @Test
    void the_cpus_of_an_init_container_bind_the_next_ones_with_scope_container() {
        PlacementPolicy policy =
                PlacementPolicy.DEFAULT.withTopologyManager(TopologyPolicy.SINGLE_NUMA_NODE, TopologyScope.CONTAINER);
        PodPlacer placer = new PodPlacer(Machine.regular(3, 1, 4, 1, 16 * GIB), policy);
        PodSpec pod = new PodSpec(
                ResourceRequirements.NONE,
                List.of(
                        container("init", ContainerKind.INIT, "4", 1),
                        container("app0", ContainerKind.APP, "3", 1),
                        container("app1", ContainerKind.APP, "4", 1)));
        assertThat(filter(placer, policy, NodePlacements.EMPTY).passes(pod)).isTrue();
        assertThat(placer.place(NodePlacements.EMPTY, "new", pod, Map.of())).isInstanceOf(Placement.Rejected.class);
    }

    /** The scheduler does not look at the resources of the pod as a whole, and may send a pod that podslice refuses. */
    @Test
    void a_budget_for_the_pod_alone_is_not_seen_by_the_scheduler() {
        Machine machine = Machine.regular(2, 1, 4, 1, 16 * GIB);
        PlacementPolicy policy =
                PlacementPolicy.DEFAULT.withTopologyManager(TopologyPolicy.SINGLE_NUMA_NODE, TopologyScope.POD);
        PodPlacer placer = new PodPlacer(machine, policy);
        ResourceList six = ResourceList.of("6", "1Gi");
        PodSpec pod = new PodSpec(
                new ResourceRequirements(six, six),
                List.of(new ContainerSpec("app", ContainerKind.APP, ResourceRequirements.NONE)));
        assertThat(filter(placer, policy, NodePlacements.EMPTY).passes(pod)).isTrue();
        assertThat(placer.place(NodePlacements.EMPTY, "new", pod, Map.of())).isInstanceOf(Placement.Rejected.class);
    }
}
