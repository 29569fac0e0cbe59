package io.podslice.agent.publish;

import io.podslice.agent.api.Supplies;
import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.ResourceName;
import io.podslice.node.NodeAllocations;
import io.podslice.proto.v1.StatusResponse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The filter of scheduler-plugins' NodeResourceTopologyMatch for Guaranteed pods, from its documented rules: with policy
 * single-numa-node, each container (scope container) or the pod (scope pod) must find everything that it requests on one
 * zone. Init containers are looked at one by one, and leave what they used; a container takes what it requests from the
 * zone with the lowest id that has it. A native resource that no zone names is had by none. Pod-level resources do not count.
 */
public final class NumaFilter {
    private final String policy;
    private final String scope;

    /** Available amounts in thousandths, by zone id and resource name. */
    private final TreeMap<Integer, Map<String, Long>> zones = new TreeMap<>();

    NumaFilter(String object) {
        JsonNode json = new JsonMapper().readTree(object);
        Map<String, String> attributes = new HashMap<>();
        json.path("attributes")
                .forEach(pair -> attributes.put(
                        pair.path("name").asString(""), pair.path("value").asString("")));
        policy = attributes.getOrDefault("topologyManagerPolicy", "");
        scope = attributes.getOrDefault("topologyManagerScope", "");
        for (JsonNode zone : json.path("zones")) {
            String name = zone.path("name").asString("");
            if (!zone.path("type").asString("").equals("Node") || !name.matches("node-\\d+")) {
                throw new IllegalArgumentException("the scheduler does not know zone " + zone);
            }
            Map<String, Long> available = new HashMap<>();
            zone.path("resources")
                    .forEach(one -> available.put(
                            one.path("name").asString(""),
                            1000 * Long.parseLong(one.path("available").asString(""))));
            zones.put(Integer.parseInt(name.substring("node-".length())), available);
        }
    }

    /** Returns the filter of the object that a node with these allocations publishes. */
    public static NumaFilter of(NodeAllocations node) {
        StatusResponse status =
                StatusResponse.newBuilder().setSupply(Supplies.of(node)).build();
        return new NumaFilter(
                TopologyObject.json("node-a", Optional.empty(), new NodeReading(status, Optional.empty())));
    }

    /** Tells if the scheduler may send this Guaranteed pod to the node. */
    public boolean passes(PodSpec pod) {
        if (!policy.equals("single-numa-node")) {
            return true;
        }
        return scope.equals("pod") ? zone(ofPod(pod)) >= 0 : byContainer(pod);
    }

    private boolean byContainer(PodSpec pod) {
        for (ContainerSpec container : of(pod, true)) {
            if (zone(requests(container)) < 0) {
                return false;
            }
        }
        for (ContainerSpec container : of(pod, false)) {
            Map<String, Long> requests = requests(container);
            int zone = zone(requests);
            if (zone < 0) {
                return false;
            }
            Map<String, Long> left = zones.getOrDefault(zone, new HashMap<>());
            requests.forEach((name, amount) -> left.merge(name, -amount, Long::sum));
        }
        return true;
    }

    private static List<ContainerSpec> of(PodSpec pod, boolean init) {
        List<ContainerSpec> containers = new ArrayList<>(pod.containers());
        containers.removeIf(container -> init == (container.kind() == ContainerKind.APP));
        return containers;
    }

    private static Map<String, Long> ofPod(PodSpec pod) {
        Map<String, Long> sum = new HashMap<>();
        of(pod, false)
                .forEach(
                        container -> requests(container).forEach((name, amount) -> sum.merge(name, amount, Long::sum)));
        of(pod, true)
                .forEach(
                        container -> requests(container).forEach((name, amount) -> sum.merge(name, amount, Long::max)));
        return sum;
    }

    private static Map<String, Long> requests(ContainerSpec container) {
        Map<String, Long> requests = new HashMap<>();
        for (ResourceName name : container.resources().requests().names()) {
            long amount = name.equals(ResourceName.CPU)
                    ? container.resources().requests().cpuMillis()
                    : 1000 * container.resources().requests().memoryBytes();
            requests.put(name.value(), amount);
        }
        return requests;
    }

    private int zone(Map<String, Long> requests) {
        for (Map.Entry<Integer, Map<String, Long>> zone : zones.entrySet()) {
            boolean has = true;
            for (Map.Entry<String, Long> request : requests.entrySet()) {
                has &= request.getValue() == 0
                        || zone.getValue().getOrDefault(request.getKey(), -1L) >= request.getValue();
            }
            if (has) {
                return zone.getKey();
            }
        }
        return -1;
    }
}
