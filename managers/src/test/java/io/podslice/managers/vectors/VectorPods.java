package io.podslice.managers.vectors;

import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.Quantity;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceName;
import io.podslice.managers.pod.ResourceRequirements;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/** Pods as the vector files write them. */
public final class VectorPods {
    private VectorPods() {}

    /**
     * A pod with {@code initContainers} (restartPolicy Always for sidecars) and {@code containers}.
     *
     * @param podLevel reads {@code podLevel}
     * @param ofContainer reads a container's resources
     */
    public static PodSpec pod(
            JsonNode pod,
            Function<JsonNode, ResourceRequirements> podLevel,
            Function<JsonNode, ResourceRequirements> ofContainer) {
        List<ContainerSpec> containers = new ArrayList<>();
        for (JsonNode c : pod.path("initContainers")) {
            boolean sidecar = c.path("restartPolicy").asString("").equals("Always");
            containers.add(container(c, sidecar ? ContainerKind.SIDECAR : ContainerKind.INIT, ofContainer));
        }
        for (JsonNode c : pod.path("containers")) {
            containers.add(container(c, ContainerKind.APP, ofContainer));
        }
        JsonNode level = pod.path("podLevel");
        return new PodSpec(
                level.isNull() || level.isMissingNode() ? ResourceRequirements.NONE : podLevel.apply(level),
                containers);
    }

    private static ContainerSpec container(
            JsonNode c, ContainerKind kind, Function<JsonNode, ResourceRequirements> resources) {
        return new ContainerSpec(c.required("name").stringValue(), kind, resources.apply(c));
    }

    /** {@code {"requests":{…},"limits":{…}}}, each of which may be absent. */
    public static ResourceRequirements requirements(JsonNode resources) {
        return new ResourceRequirements(list(resources.path("requests")), list(resources.path("limits")));
    }

    private static ResourceList list(JsonNode amounts) {
        Map<ResourceName, Quantity> list = new TreeMap<>();
        amounts.propertyStream()
                .forEach(amount -> list.put(
                        new ResourceName(amount.getKey()),
                        Quantity.parse(amount.getValue().stringValue())));
        return ResourceList.of(list);
    }
}
