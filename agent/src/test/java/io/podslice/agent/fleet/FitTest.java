package io.podslice.agent.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cluster.apiserver.ObjectList.Outcome;
import io.podslice.cluster.apiserver.ObjectList.ShardedBy;
import io.podslice.cluster.fleet.FleetCount;
import io.podslice.cluster.fleet.FleetNode;
import io.podslice.cluster.fleet.FleetNode.Amounts;
import io.podslice.cluster.fleet.FleetNode.Zone;
import io.podslice.cluster.fleet.FleetPod;
import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceRequirements;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where a new pod fits, on nodes whose NUMA nodes have 8 CPUs and 16 GiB each. */
class FitTest {
    private static final long GIB = 1L << 30;

    private static FleetNode node(String name, String policy, String scope, int... free) {
        List<Zone> zones = new ArrayList<>();
        for (int i = 0; i < free.length; i++) {
            zones.add(new Zone(
                    i,
                    Map.of(
                            "cpu", new Amounts(8000, 8000, free[i] * 1000L),
                            "memory", new Amounts(16 * GIB, 16 * GIB, 16 * GIB),
                            "example.com/gpu", new Amounts(1, 1, i))));
        }
        return new FleetNode(name, policy, scope, Optional.empty(), "", zones);
    }

    private static ResourceRequirements both(String cpu, String memory) {
        ResourceList amounts = ResourceList.of(cpu, memory);
        return new ResourceRequirements(amounts, amounts);
    }

    /** Reads {@code budget 6}, {@code 2+2} or {@code init 4 then 2}; each container has 1 GiB. */
    private static PodSpec pod(String text) {
        List<ContainerSpec> containers = new ArrayList<>();
        if (text.startsWith("budget ")) {
            containers.add(new ContainerSpec("app", ContainerKind.APP, ResourceRequirements.NONE));
            return new PodSpec(both(text.substring("budget ".length()), "1Gi"), containers);
        }
        String apps = text;
        if (text.startsWith("init ")) {
            String[] parts = text.substring("init ".length()).split(" then ", -1);
            containers.add(new ContainerSpec("init", ContainerKind.INIT, both(parts[0], "1Gi")));
            apps = parts[1];
        }
        for (String cpu : apps.split("\\+", -1)) {
            containers.add(new ContainerSpec("app" + containers.size(), ContainerKind.APP, both(cpu, "1Gi")));
        }
        return new PodSpec(ResourceRequirements.NONE, containers);
    }

    private static Fit fit(PodSpec pod, FleetNode node) {
        return Fit.of(Need.of(pod, Map.of()), node, new NodeTally());
    }

    @ParameterizedTest(name = "{0} on a node with 5 and 3 of 8 CPUs free, {1}, {2}: {3}")
    @CsvSource({
        "budget 5, single-numa-node, pod, 0",
        "budget 3, single-numa-node, pod, 1",
        "budget 6, single-numa-node, pod, no",
        "budget 6, single-numa-node, container, no",
        "budget 6, restricted, pod, no",
        "budget 6, best-effort, pod, 0+1",
        "budget 6, none, container, 0+1",
        "budget 9, best-effort, pod, no",
        "2+4, single-numa-node, pod, no",
        "2+4, single-numa-node, container, 0+1",
        "3+5, single-numa-node, container, 0+1",
        "4+4, single-numa-node, container, no",
        "init 5 then 3, single-numa-node, container, 1",
        "init 6 then 2, single-numa-node, container, no",
        "init 5 then 3, single-numa-node, pod, 0",
        "3500m, single-numa-node, pod, 0",
        "5500m, single-numa-node, pod, no",
        "5500m, best-effort, pod, shares"
    })
    void byThePolicy(String pod, String policy, String scope, String expected) {
        Fit fit = fit(pod(pod), node("n", policy, scope, 5, 3));
        String found = switch (fit) {
            case Fit.Misses _ -> "no";
            case Fit.Fits(List<Integer> zones, long _) ->
                zones.isEmpty() ? "shares" : Fit.names(zones).replace("node-", "");
        };
        assertThat(found).as(fit.toString()).isEqualTo(expected);
    }

    /** A pod of 12 CPUs can never be on one of these NUMA nodes, so restricted lets it have two. */
    @Test
    void restrictedTakesTheFewestNumaNodesThatCouldEverDo() {
        assertThat(fit(pod("budget 12"), node("n", "restricted", "pod", 6, 6))).isInstanceOf(Fit.Fits.class);
        assertThat(fit(pod("budget 12"), node("n", "restricted", "pod", 6, 5, 1)))
                .isEqualTo(new Fit.Misses("12 CPUs on 2 NUMA nodes", 11_000, true, "node-0+node-1"));
        assertThat(fit(pod("budget 12"), node("n", "restricted", "pod", 4, 8, 5)))
                .isEqualTo(new Fit.Fits(List.of(0, 1), 0));
    }

    @Test
    void aBurstablePodSharesAndNeedsNoNumaNode() {
        PodSpec pod = new PodSpec(
                ResourceRequirements.NONE,
                List.of(new ContainerSpec(
                        "app",
                        ContainerKind.APP,
                        new ResourceRequirements(ResourceList.of("6", "1Gi"), ResourceList.EMPTY))));
        assertThat(fit(pod, node("n", "single-numa-node", "pod", 5, 3))).isEqualTo(new Fit.Fits(List.of(), 10_000));
    }

    @Test
    void requestsCountAsASchedulerCountsThem() {
        NodeTally tally = new NodeTally();
        FleetPod other = new FleetPod("u", "ns", "other", "n", "Running", "", false, pod("11500m"), "");
        tally.add(other, PodUse.of(other.spec()));
        Fit fit = Fit.of(Need.of(pod("budget 5"), Map.of()), node("n", "single-numa-node", "pod", 5, 3), tally);
        assertThat(fit).isEqualTo(new Fit.Misses("5 CPUs that no pod requests", 4500, true, ""));
    }

    @Test
    void theNodesAndWhatTheOthersLack() {
        FleetFit fit = FleetFit.of(
                "a pod of 6 CPUs",
                pod("budget 6"),
                Map.of(),
                fleet(
                        node("a", "single-numa-node", "pod", 8, 7),
                        node("b", "single-numa-node", "pod", 5, 3),
                        node("c", "single-numa-node", "pod", 2, 4),
                        node("d", "best-effort", "pod", 5, 3),
                        node("e", "best-effort", "pod", 1, 3)));
        assertThat(fit.table()).isEqualTo("""
                a pod of 6 CPUs: fits on 2 of 5 nodes
                  NODE  NUMA NODES     CPUS LEFT THERE
                  a     node-1         1
                  d     node-0+node-1  2
                2 nodes lack 6 CPUs on one NUMA node; at most 5 on b, node-0
                1 node lacks 6 CPUs; at most 4 on e
                """);
        assertThat(fit.json()).contains("\"cpuMillisLeft\": 1000", "\"lacks\": \"6 CPUs on one NUMA node\"");
    }

    @Test
    void aMapHasALineForEachNode() {
        assertThat(FleetMap.text(fleet(node("a", "", "", 8, 7), node("long-name", "", "", 0, 3)), 80))
                .isEqualTo("""
                        a         [........] [#.......] 15 free
                        long-name [########] [#####...] 3 free

                        # exclusively allocated  . free  - for no pod; a sign is a CPU
                        """);
        assertThat(FleetMap.text(fleet(node("a", "", "", 8, 7)), 27))
                .startsWith("a [....] [#...] 15 free\n")
                .contains("a sign is 2 CPUs");
    }

    private static FleetReading fleet(FleetNode... nodes) {
        TreeMap<String, FleetNode> named = new TreeMap<>();
        for (FleetNode node : nodes) {
            named.put(node.name(), node);
        }
        FleetCount count = new FleetCount(nodes.length, 0, 0, "", new Outcome("1", 1, 1, ShardedBy.NOTHING));
        return new FleetReading(named, new HashMap<>(), count, count);
    }
}
