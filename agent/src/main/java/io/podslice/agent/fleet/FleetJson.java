package io.podslice.agent.fleet;

import io.podslice.agent.text.Json;
import io.podslice.cluster.fleet.FleetNode;
import io.podslice.cluster.fleet.FleetNode.Amounts;
import io.podslice.cluster.fleet.FleetNode.Zone;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Writes the nodes of a cluster for programs. A node's CPUs and its pods are in the answers of different shards: a node's numbers of
 * all shards, added up, are those of the whole.
 */
public final class FleetJson {
    private FleetJson() {}

    /**
     * Writes the nodes.
     *
     * @param shard the part that has been read; empty for all
     */
    public static void write(FleetReading fleet, Optional<ShardArgument> shard, PrintWriter out) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put(
                "nodes",
                fleet.names().stream()
                        .map(name -> node(name, fleet.nodes().get(name), fleet.tally(name)))
                        .iterator());
        json.put("waitingPods", fleet.tally("").pods());
        json.put("nodeResourceTopologies", Notes.json(shard, fleet.nodeCount()));
        json.put("pods", Notes.json(shard, fleet.podCount()));
        Json.write(json, out);
    }

    private static Map<String, Object> node(String name, @Nullable FleetNode node, NodeTally tally) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", name);
        if (node != null) {
            json.put("policy", node.policy());
            json.put("scope", node.scope());
            node.changed().ifPresent(time -> json.put("changed", time.toString()));
            json.put("producer", node.producer());
            json.put("zones", node.zones().stream().map(FleetJson::zone).toList());
        }
        json.put("pods", tally.pods());
        json.put("podslicePods", tally.concerned());
        json.put("resizingPods", tally.resizing());
        json.put("requestedCpuMillis", tally.cpuMillis());
        json.put("requestedMemoryBytes", tally.memoryBytes());
        json.put("exclusiveCpusAsked", tally.exclusive());
        return json;
    }

    private static Map<String, Object> zone(Zone zone) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("numaNode", zone.id());
        new TreeMap<>(zone.resources()).forEach((name, amounts) -> json.put(json(name), amounts(amounts)));
        return json;
    }

    /** Returns the name of a resource's member: CPUs are told in thousandths. */
    private static String json(String resource) {
        return resource.equals(FleetNode.CPU) ? "cpuMillis" : resource;
    }

    private static Map<String, Object> amounts(Amounts amounts) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("capacity", amounts.capacity());
        json.put("allocatable", amounts.allocatable());
        json.put("available", amounts.available());
        return json;
    }
}
