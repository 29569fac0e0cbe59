package io.podslice.managers.pod;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/** Reads the pods of the vector files. */
final class PodVectors {
    private PodVectors() {}

    static PodSpec pod(JsonNode json) {
        List<ContainerSpec> containers = new ArrayList<>();
        add(json.path("initContainers"), ContainerKind.INIT, containers);
        add(json.path("containers"), ContainerKind.APP, containers);
        JsonNode podLevel = json.path("podLevel");
        return new PodSpec(podLevel.isObject() ? resources(podLevel) : ResourceRequirements.NONE, containers);
    }

    private static void add(JsonNode json, ContainerKind kind, List<ContainerSpec> containers) {
        for (JsonNode container : json) {
            containers.add(new ContainerSpec("c" + containers.size(), kind, resources(container)));
        }
    }

    static ResourceRequirements resources(JsonNode json) {
        return new ResourceRequirements(list(json.path("requests")), list(json.path("limits")));
    }

    static ResourceList list(JsonNode json) {
        Map<ResourceName, Quantity> amounts = new TreeMap<>();
        for (Map.Entry<String, JsonNode> amount : json.properties()) {
            amounts.put(
                    new ResourceName(amount.getKey()),
                    Quantity.parse(amount.getValue().asString()));
        }
        return ResourceList.of(amounts);
    }
}
