package io.podslice.node.state;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Brings a state file of an older version to the form of this one, so that running pods keep what they have. */
public final class StateUpgrade {
    private StateUpgrade() {}

    /** Whether files of that version can be brought to this one. */
    public static boolean canUpgrade(int version) {
        return version == 1 || version == 2;
    }

    /**
     * Changes the file's content to that of version {@value StateFile#VERSION}. In version 1 a placement had a count of
     * wanted CPUs, slices apart from the containers, and memory as a sum for each NUMA node. Up to version 2 podslice
     * protected no memory.
     *
     * @param json of a version that can be upgraded
     * @throws RuntimeException if it is not what such a file says
     */
    public static void upgrade(JsonNode json) {
        if (json.required("version").asInt() == 1) {
            for (JsonNode pod : json.required("pods")) {
                ((ObjectNode) pod).set("placement", placement((ObjectNode) pod.required("placement")));
            }
        }
        ((ObjectNode) json).put("version", StateFile.VERSION);
        ((ObjectNode) json)
                .putObject("memoryQos")
                .put("tiered", false)
                .put("throttlingFactor", 0)
                .put("version", "1.37")
                .put("minHeadroomPercent", 0)
                .put("pageBytes", 4096)
                .put("allocatableBytes", 0);
    }

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

    /** One block on all the pod's nodes, as the memory manager has it. */
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
