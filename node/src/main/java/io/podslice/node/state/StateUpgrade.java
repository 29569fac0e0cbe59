package io.podslice.node.state;

import io.podslice.managers.pod.MemoryQos;
import io.podslice.managers.pod.PodAnnotations;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.Quantity;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceName;
import io.podslice.managers.pod.ResourceRequirements;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Upgrades a state file of an older version to this one, so that running pods keep their allocations. */
public final class StateUpgrade {
    private StateUpgrade() {}

    /** Tells if files of that version can be brought to this one. */
    public static boolean canUpgrade(int version) {
        return version >= 1 && version < StateFile.VERSION;
    }

    /**
     * Changes the file's content to that of version {@value StateFile#VERSION}. Up to version 2 no memory was
     * protected.
     *
     * @param json of a version that can be upgraded
     * @throws RuntimeException if the content is not that of such a file
     */
    public static void upgrade(JsonNode json) {
        int version = json.path("version").asInt();
        ((ObjectNode) json).put("version", StateFile.VERSION);
        if (version > 2) {
            return; // only its lines are others
        }
        for (JsonNode node : json.required("pods")) {
            ObjectNode pod = (ObjectNode) node;
            if (version == 1) {
                pod.set("placement", placement((ObjectNode) pod.required("placement")));
            }
            addResizes(pod);
        }
        ((ObjectNode) json)
                .put("generation", 0L)
                .put("bootId", "")
                .set("memoryQos", JsonMapper.shared().valueToTree(ProtectionForm.of(MemoryQos.OFF)));
    }

    /**
     * Adds spec and resizes. In versions 1 and 2 a pod's spec was that of its annotation, and its pod-level limits were
     * part of the budget.
     */
    private static void addResizes(ObjectNode pod) {
        Map<String, String> annotations = new TreeMap<>();
        pod.required("annotations").forEachEntry((key, value) -> annotations.put(key, value.asString()));
        Map<String, String> limits = new TreeMap<>();
        pod.required("budget").required("limits").forEachEntry((key, value) -> limits.put(key, value.asString()));
        Optional<SpecForm> spec = PodAnnotations.of(annotations)
                .spec()
                .map(annotated -> SpecForm.of(annotated.withResources(resized(annotated, SpecForm.list(limits)))));
        pod.set("spec", JsonMapper.shared().valueToTree(spec));
        ObjectNode resize = pod.putObject("resize");
        resize.putNull("pending");
        resize.putNull("inProgress");
        for (JsonNode container : pod.required("placement").required("containers")) {
            ((ObjectNode) container).putArray("added");
        }
        for (JsonNode container : pod.required("containers")) {
            ((ObjectNode) container).put("guarded", false);
        }
    }

    /** Sets the resized limits. A request that equalled its limit follows it, for a pod's QoS class never changes. */
    private static ResourceRequirements resized(PodSpec annotated, ResourceList limits) {
        ResourceRequirements resources = annotated.resources();
        for (ResourceName name : limits.names()) {
            Quantity before = resources.limits().get(name);
            ResourceList requests = resources.requests();
            resources = new ResourceRequirements(
                    requests.get(name).equals(before) ? requests.with(name, limits.get(name)) : requests,
                    resources.limits().with(name, limits.get(name)));
        }
        return resources;
    }

    /**
     * Converts a placement of version 1, which had a count of desired CPUs, slices apart from the containers, and
     * memory as a sum for each NUMA node.
     */
    private static ObjectNode placement(ObjectNode from) {
        ObjectNode to = from.objectNode();
        boolean ofPod = from.required("wantedCpus").asInt() > 0;
        to.put("cpus", ofPod ? from.required("cpus").asString() : "");
        to.set("added", from.required("added"));
        ArrayNode containers = to.putArray("containers");
        for (JsonNode wanted : from.required("wanted")) {
            String name = wanted.required("name").asString();
            containers
                    .addObject()
                    .put("name", name)
                    .put("kind", wanted.required("kind").asString())
                    .put("cpus", slice(from.required("slices"), name));
        }
        memory(from.required("memory"), to.putObject("memory"));
        return to;
    }

    private static String slice(JsonNode slices, String container) {
        for (JsonNode slice : slices) {
            if (slice.required("container").asString().equals(container)) {
                return slice.required("cpus").asString();
            }
        }
        return "";
    }

    /** Converts the pod's memory to one block on all its NUMA nodes, as the memory manager has it. */
    private static void memory(JsonNode from, ObjectNode to) {
        ArrayNode pod = to.putArray("pod");
        to.putObject("containers");
        long bytes = 0;
        for (JsonNode ofNode : from) {
            bytes += ofNode.asLong();
        }
        if (bytes > 0) {
            String nodes = String.join(",", from.propertyNames());
            pod.addObject().put("nodes", nodes).put("type", "memory").put("bytes", bytes);
        }
    }
}
