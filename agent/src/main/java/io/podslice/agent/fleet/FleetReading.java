package io.podslice.agent.fleet;

import io.podslice.cluster.fleet.Fleet;
import io.podslice.cluster.fleet.FleetCount;
import io.podslice.cluster.fleet.FleetNode;
import io.podslice.cluster.fleet.FleetPod;
import io.podslice.cluster.fleet.Taker;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The nodes of a cluster, with the sums of their pods; no pod is kept.
 *
 * @param nodes by name; those that have a NodeResourceTopology object
 * @param tallies by the name of the node; {@code ""} for pods that are bound to none
 * @param nodeCount the way in which the objects of nodes have come
 * @param podCount the way in which the pods have come
 */
public record FleetReading(
        NavigableMap<String, FleetNode> nodes,
        Map<String, NodeTally> tallies,
        FleetCount nodeCount,
        FleetCount podCount) {

    /**
     * Reads nodes and pods.
     *
     * @throws IOException if the API server does not give them
     */
    public static FleetReading of(Fleet fleet) throws IOException {
        NavigableMap<String, FleetNode> nodes = new TreeMap<>();
        Map<String, NodeTally> tallies = new HashMap<>();
        FleetCount nodeCount = fleet.nodes(new Taker<>() {
            @Override
            public void begin() {
                nodes.clear();
            }

            @Override
            public void take(FleetNode node) {
                nodes.put(node.name(), node);
            }
        });
        FleetCount podCount = fleet.pods(Optional.empty(), new Taker<>() {
            @Override
            public void begin() {
                tallies.clear();
            }

            @Override
            public void take(FleetPod pod) {
                if (!pod.hasEnded()) {
                    tallies.computeIfAbsent(pod.node(), name -> new NodeTally()).add(pod, PodUse.of(pod.spec()));
                }
            }
        });
        return new FleetReading(nodes, tallies, nodeCount, podCount);
    }

    /** Returns the names of all nodes that have an object or a pod. */
    SortedSet<String> names() {
        SortedSet<String> names = new TreeSet<>(nodes.keySet());
        names.addAll(tallies.keySet());
        names.remove("");
        return names;
    }

    /** Returns the sums of a node's pods. */
    NodeTally tally(String name) {
        return tallies.getOrDefault(name, new NodeTally());
    }
}
