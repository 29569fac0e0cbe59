package io.podslice.simulator.cluster;

import io.podslice.proto.core.v1.Container;
import io.podslice.proto.core.v1.ObjectMeta;
import io.podslice.proto.core.v1.Pod;
import io.podslice.proto.core.v1.PodSpec;
import io.podslice.proto.core.v1.PodStatus;
import io.podslice.proto.core.v1.Quantity;
import io.podslice.proto.core.v1.ResourceRequirements;
import io.podslice.simulator.apiserver.ApiServerDouble;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;

/**
 * Fills an API server with the nodes and pods of a large cluster. Each node has two NUMA nodes of 32 CPUs and 128 GiB, of which CPUs
 * 0 and 32 are reserved. Of five pods one has a budget of 2 to 8 CPUs of its own, and the others share CPUs. Three nodes of four
 * have the policy single-numa-node.
 */
public final class SimulatedFleet {
    private static final int CPUS = 32;
    private static final int ALLOCATABLE = CPUS - 1;
    private static final int NAMESPACES = 200;
    private static final int BUDGET_EVERY = 5;
    private static final long GIB = 1L << 30;

    private static final ResourceRequirements SMALL = resources("100m", "64Mi", false);
    private static final PodStatus RUNNING =
            PodStatus.newBuilder().setPhase("Running").build();
    private static final Container SHARING = Container.newBuilder()
            .setName("app")
            .setImage("registry.example/app:1")
            .setResources(SMALL)
            .build();
    private static final Container SIDECAR = Container.newBuilder()
            .setName("proxy")
            .setImage("registry.example/proxy:1")
            .setResources(SMALL)
            .build();

    private final ApiServerDouble server;
    private final Random random;

    private SimulatedFleet(ApiServerDouble server, long seed) {
        this.server = server;
        this.random = new Random(seed);
    }

    /**
     * Fills a server.
     *
     * @param nodes the number of nodes, {@code node-00000} and so on
     * @param pods the number of pods, which go to the nodes in turn
     * @param seed of the pods' uids and budgets
     */
    public static void fill(ApiServerDouble server, int nodes, int pods, long seed) {
        SimulatedFleet fleet = new SimulatedFleet(server, seed);
        for (int node = 0; node < nodes; node++) {
            fleet.node(node, nodes, pods);
        }
    }

    /** Returns the name of a node. */
    public static String nodeName(int node) {
        return String.format("node-%05d", node);
    }

    private void node(int node, int nodes, int pods) {
        int[] free = {ALLOCATABLE, ALLOCATABLE};
        int[] gibibytes = {127, 127};
        for (int pod = node; pod < pods; pod += nodes) {
            int cpus = (pod / nodes) % BUDGET_EVERY == 0 ? 2 + random.nextInt(7) : 0;
            if (cpus > 0) {
                int zone = free[0] >= cpus ? 0 : 1;
                // One that fits nowhere is not on the node.
                if (free[zone] < cpus) {
                    cpus = 0;
                } else {
                    free[zone] -= cpus;
                    gibibytes[zone] -= cpus;
                }
            }
            server.store().put(pod(pod, nodeName(node), cpus));
        }
        server.topologies().applyAs("podslice-publish", nodeName(node), topology(node, free, gibibytes));
    }

    private Pod pod(int number, String node, int cpus) {
        PodSpec.Builder spec = PodSpec.newBuilder()
                .setNodeName(node)
                .setRestartPolicy("Always")
                .addContainers(SHARING)
                .addContainers(SIDECAR);
        if (cpus > 0) {
            spec.setResources(resources(Integer.toString(cpus), cpus + "Gi", true));
        }
        String uid = new UUID(random.nextLong(), random.nextLong()).toString();
        ObjectMeta.Builder metadata = ObjectMeta.newBuilder()
                .setName((cpus > 0 ? "database-" : "web-") + String.format("%06d", number))
                .setNamespace("team-" + number % NAMESPACES)
                .setUid(uid)
                .setGeneration(1);
        return Pod.newBuilder()
                .setMetadata(metadata)
                .setSpec(spec)
                .setStatus(RUNNING)
                .build();
    }

    private static ResourceRequirements resources(String cpu, String memory, boolean limits) {
        ResourceRequirements.Builder resources = ResourceRequirements.newBuilder()
                .putRequests("cpu", quantity(cpu))
                .putRequests("memory", quantity(memory));
        if (limits) {
            resources.putLimits("cpu", quantity(cpu)).putLimits("memory", quantity(memory));
        }
        return resources.build();
    }

    private static Quantity quantity(String text) {
        return Quantity.newBuilder().setString(text).build();
    }

    private static String topology(int node, int[] free, int[] gibibytes) {
        List<String> zones = new ArrayList<>();
        for (int zone = 0; zone < free.length; zone++) {
            zones.add("""
                    {"name": "node-%d", "type": "Node",
                     "costs": [{"name": "node-0", "value": %d}, {"name": "node-1", "value": %d}],
                     "resources": [
                      {"name": "cpu", "capacity": "%d", "allocatable": "%d", "available": "%d"},
                      {"name": "memory", "capacity": "%d", "allocatable": "%d", "available": "%d"}]}
                    """.formatted(
                            zone,
                            zone == 0 ? 10 : 21,
                            zone == 0 ? 21 : 10,
                            CPUS,
                            ALLOCATABLE,
                            free[zone],
                            128 * GIB,
                            127 * GIB,
                            gibibytes[zone] * GIB));
        }
        return """
                {"apiVersion": "topology.node.k8s.io/v1alpha2", "kind": "NodeResourceTopology",
                 "metadata": {"name": "%s"},
                 "attributes": [{"name": "topologyManagerPolicy", "value": "%s"},
                                {"name": "topologyManagerScope", "value": "pod"}],
                 "zones": [%s]}
                """.formatted(
                        nodeName(node), node % 4 == 3 ? "best-effort" : "single-numa-node", String.join(",", zones));
    }
}
