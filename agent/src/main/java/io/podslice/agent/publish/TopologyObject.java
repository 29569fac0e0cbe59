package io.podslice.agent.publish;

import io.podslice.agent.text.Json;
import io.podslice.proto.v1.StatusResponse;
import io.podslice.proto.v1.Supply;
import io.podslice.proto.v1.Topology;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Writes a node's NodeResourceTopology object ({@code topology.node.k8s.io/v1alpha2}) as JSON. Pure. */
final class TopologyObject {
    private static final String ZONE = "node-";
    private static final String FINGERPRINT_ANNOTATION = "topology.node.k8s.io/fingerprint";

    private TopologyObject() {}

    /**
     * Returns the object.
     *
     * @param name the node's name in the cluster
     * @param uid the uid of its Node object, which then owns this one; empty: it has no owner
     */
    static String json(String name, Optional<String> uid, NodeReading reading) {
        Supply supply = reading.node().getSupply();
        List<Map<String, String>> attributes = new ArrayList<>();
        attributes.add(pair("topologyManagerPolicy", supply.getTopologyManagerPolicy()));
        attributes.add(pair("topologyManagerScope", supply.getTopologyManagerScope()));
        Map<String, Object> metadata = new LinkedHashMap<>();
        metadata.put("name", name);
        reading.devices().ifPresent(devices -> {
            String fingerprint = PodFingerprint.of(devices.pods().getPodResourcesList());
            metadata.put("annotations", Map.of(FINGERPRINT_ANNOTATION, fingerprint));
            attributes.add(pair("nodeTopologyPodsFingerprint", fingerprint));
            attributes.add(pair("nodeTopologyPodsFingerprintMethod", "all"));
        });
        uid.ifPresent(owner -> metadata.put("ownerReferences", List.of(owner(name, owner))));

        Map<String, Object> object = new LinkedHashMap<>();
        object.put("apiVersion", "topology.node.k8s.io/v1alpha2");
        object.put("kind", "NodeResourceTopology");
        object.put("metadata", metadata);
        object.put("attributes", attributes);
        Optional<DeviceCounts> devices = reading.devices().map(DeviceCounts::new);
        object.put(
                "zones",
                supply.getZonesList().stream()
                        .map(zone -> zone(zone, costs(reading.node(), zone.getNumaNode()), devices))
                        .toList());
        return Json.text(object);
    }

    private static Map<String, String> pair(String name, String value) {
        Map<String, String> pair = new LinkedHashMap<>();
        pair.put("name", name);
        pair.put("value", value);
        return pair;
    }

    private static Map<String, Object> owner(String name, String uid) {
        Map<String, Object> owner = new LinkedHashMap<>();
        owner.put("apiVersion", "v1");
        owner.put("kind", "Node");
        owner.put("name", name);
        owner.put("uid", uid);
        return owner;
    }

    private static Map<String, Object> zone(
            Supply.Zone zone, List<Map<String, Object>> costs, Optional<DeviceCounts> devices) {
        List<Map<String, String>> resources = new ArrayList<>();
        resources.add(resource("cpu", zone.getCpus(), zone.getAllocatableCpus(), zone.getAvailableCpus()));
        for (Supply.Memory memory : zone.getMemoryList()) {
            resources.add(resource(
                    memory.getType(),
                    memory.getCapacityBytes(),
                    memory.getAllocatableBytes(),
                    memory.getAvailableBytes()));
        }
        devices.ifPresent(counts ->
                counts.of(zone.getNumaNode(), (name, all, free) -> resources.add(resource(name, all, all, free))));
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", ZONE + zone.getNumaNode());
        json.put("type", "Node");
        if (!costs.isEmpty()) {
            json.put("costs", costs);
        }
        json.put("resources", resources);
        return json;
    }

    private static Map<String, String> resource(String name, long capacity, long allocatable, long available) {
        Map<String, String> resource = new LinkedHashMap<>();
        resource.put("name", name);
        resource.put("capacity", Long.toString(capacity));
        resource.put("allocatable", Long.toString(allocatable));
        resource.put("available", Long.toString(available));
        return resource;
    }

    /** The kernel's distances, 10 from a node to itself (ACPI's SLIT); none where the machine tells none. */
    private static List<Map<String, Object>> costs(StatusResponse node, int id) {
        List<Map<String, Object>> costs = new ArrayList<>();
        List<Topology.NumaNode> nodes = node.getTopology().getNumaNodesList();
        for (Topology.NumaNode from : nodes) {
            if (from.getId() != id || from.getDistancesCount() != nodes.size()) {
                continue;
            }
            for (int i = 0; i < nodes.size(); i++) {
                Map<String, Object> cost = new LinkedHashMap<>();
                cost.put("name", ZONE + nodes.get(i).getId());
                cost.put("value", from.getDistances(i));
                costs.add(cost);
            }
        }
        return costs;
    }
}
