package io.podslice.agent.plan;

import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.ResizePolicy;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceName;
import io.podslice.managers.pod.ResourceRequirements;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** Writes a pod's spec as the annotation {@code podslice.io/pod-spec} has it, which an admission policy adds in a cluster. */
final class PodSpecJson {
    private PodSpecJson() {}

    static String text(PodSpec pod) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("resources", resources(pod.resources()));
        json.put(
                "containers",
                pod.containers().stream().map(PodSpecJson::container).toList());
        return JsonMapper.shared().writeValueAsString(json);
    }

    private static Map<String, Object> container(ContainerSpec container) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", container.name());
        json.put("kind", container.kind().text());
        if (!container.resources().equals(ResourceRequirements.NONE)) {
            json.put("resources", resources(container.resources()));
        }
        ResizePolicy policy = container.resizePolicy();
        if (!policy.equals(ResizePolicy.NOT_REQUIRED)) {
            json.put(
                    "resizePolicy",
                    List.of(
                            restart(ResourceName.CPU, policy.cpu().text()),
                            restart(ResourceName.MEMORY, policy.memory().text())));
        }
        return json;
    }

    private static Map<String, String> restart(ResourceName resource, String policy) {
        return Map.of("resourceName", resource.value(), "restartPolicy", policy);
    }

    private static Map<String, Object> resources(ResourceRequirements resources) {
        return Map.of("requests", amounts(resources.requests()), "limits", amounts(resources.limits()));
    }

    private static Map<String, String> amounts(ResourceList list) {
        Map<String, String> amounts = new LinkedHashMap<>();
        list.names().forEach(name -> amounts.put(name.value(), list.get(name).toString()));
        return amounts;
    }
}
