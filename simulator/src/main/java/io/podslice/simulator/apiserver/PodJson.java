package io.podslice.simulator.apiserver;

import io.podslice.proto.core.v1.Container;
import io.podslice.proto.core.v1.ContainerStatus;
import io.podslice.proto.core.v1.ObjectMeta;
import io.podslice.proto.core.v1.Pod;
import io.podslice.proto.core.v1.PodCondition;
import io.podslice.proto.core.v1.PodSpec;
import io.podslice.proto.core.v1.PodStatus;
import io.podslice.proto.core.v1.Quantity;
import io.podslice.proto.core.v1.ResourceRequirements;
import io.podslice.proto.core.v1.Time;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Pods as JSON: the names and forms of the Kubernetes API, empty fields left out. */
final class PodJson {
    private PodJson() {}

    static Map<String, Object> pod(Pod pod, boolean withKind) {
        Map<String, Object> json = new LinkedHashMap<>();
        if (withKind) {
            json.put("kind", "Pod");
            json.put("apiVersion", "v1");
        }
        json.put("metadata", metadata(pod.getMetadata()));
        if (pod.hasSpec()) {
            json.put("spec", spec(pod.getSpec()));
        }
        if (pod.hasStatus()) {
            json.put("status", status(pod.getStatus()));
        }
        return json;
    }

    private static Map<String, Object> metadata(ObjectMeta metadata) {
        Map<String, Object> json = new LinkedHashMap<>();
        text(json, "name", metadata.getName());
        text(json, "namespace", metadata.getNamespace());
        text(json, "uid", metadata.getUid());
        text(json, "resourceVersion", metadata.getResourceVersion());
        number(json, "generation", metadata.getGeneration());
        if (metadata.hasCreationTimestamp()) {
            json.put("creationTimestamp", time(metadata.getCreationTimestamp()));
        } else {
            json.put("creationTimestamp", null);
        }
        if (metadata.hasDeletionTimestamp()) {
            json.put("deletionTimestamp", time(metadata.getDeletionTimestamp()));
        }
        if (metadata.getLabelsCount() > 0) {
            json.put("labels", new TreeMap<>(metadata.getLabelsMap()));
        }
        if (metadata.getAnnotationsCount() > 0) {
            json.put("annotations", new TreeMap<>(metadata.getAnnotationsMap()));
        }
        json.put("managedFields", List.of(Map.of("manager", "kubelet", "fieldsV1", Map.of("f:status", Map.of()))));
        return json;
    }

    private static String time(Time time) {
        return Instant.ofEpochSecond(time.getSeconds()).toString();
    }

    private static Map<String, Object> spec(PodSpec spec) {
        Map<String, Object> json = new LinkedHashMap<>();
        text(json, "nodeName", spec.getNodeName());
        text(json, "restartPolicy", spec.getRestartPolicy());
        json.put("priority", spec.getPriority());
        text(json, "priorityClassName", spec.getPriorityClassName());
        if (spec.hasResources()) {
            json.put("resources", resources(spec.getResources()));
        }
        if (spec.getOverheadCount() > 0) {
            json.put("overhead", quantities(spec.getOverheadMap()));
        }
        if (spec.getInitContainersCount() > 0) {
            json.put("initContainers", containers(spec.getInitContainersList()));
        }
        json.put("containers", containers(spec.getContainersList()));
        json.put("terminationGracePeriodSeconds", 30);
        return json;
    }

    private static List<Map<String, Object>> containers(List<Container> containers) {
        return containers.stream().map(PodJson::container).toList();
    }

    private static Map<String, Object> container(Container container) {
        Map<String, Object> json = new LinkedHashMap<>();
        text(json, "name", container.getName());
        text(json, "image", container.getImage());
        json.put("env", List.of(Map.of("name", "A", "value", "b")));
        json.put("resources", resources(container.getResources()));
        List<Map<String, Object>> policies = new ArrayList<>();
        container
                .getResizePolicyList()
                .forEach(policy -> policies.add(
                        Map.of("resourceName", policy.getResourceName(), "restartPolicy", policy.getRestartPolicy())));
        if (!policies.isEmpty()) {
            json.put("resizePolicy", policies);
        }
        text(json, "restartPolicy", container.getRestartPolicy());
        return json;
    }

    private static Map<String, Object> resources(ResourceRequirements resources) {
        Map<String, Object> json = new LinkedHashMap<>();
        if (resources.getLimitsCount() > 0) {
            json.put("limits", quantities(resources.getLimitsMap()));
        }
        if (resources.getRequestsCount() > 0) {
            json.put("requests", quantities(resources.getRequestsMap()));
        }
        return json;
    }

    private static Map<String, String> quantities(Map<String, Quantity> quantities) {
        Map<String, String> json = new TreeMap<>();
        quantities.forEach((resource, quantity) -> json.put(resource, quantity.getString()));
        return json;
    }

    private static Map<String, Object> status(PodStatus status) {
        Map<String, Object> json = new LinkedHashMap<>();
        number(json, "observedGeneration", status.getObservedGeneration());
        text(json, "phase", status.getPhase());
        text(json, "reason", status.getReason());
        text(json, "message", status.getMessage());
        text(json, "qosClass", status.getQosClass());
        List<Map<String, Object>> conditions = new ArrayList<>();
        status.getConditionsList().forEach(condition -> conditions.add(condition(condition)));
        if (!conditions.isEmpty()) {
            json.put("conditions", conditions);
        }
        if (status.getAllocatedResourcesCount() > 0) {
            json.put("allocatedResources", quantities(status.getAllocatedResourcesMap()));
        }
        if (status.hasResources()) {
            json.put("resources", resources(status.getResources()));
        }
        statuses(json, "initContainerStatuses", status.getInitContainerStatusesList());
        statuses(json, "containerStatuses", status.getContainerStatusesList());
        return json;
    }

    private static Map<String, Object> condition(PodCondition condition) {
        Map<String, Object> json = new LinkedHashMap<>();
        text(json, "type", condition.getType());
        text(json, "status", condition.getStatus());
        text(json, "reason", condition.getReason());
        text(json, "message", condition.getMessage());
        number(json, "observedGeneration", condition.getObservedGeneration());
        return json;
    }

    private static void statuses(Map<String, Object> json, String name, List<ContainerStatus> statuses) {
        List<Map<String, Object>> list = new ArrayList<>();
        for (ContainerStatus status : statuses) {
            Map<String, Object> one = new LinkedHashMap<>();
            text(one, "name", status.getName());
            one.put("ready", true);
            text(one, "containerID", status.getContainerId());
            one.put("allocatedResources", quantities(status.getAllocatedResourcesMap()));
            one.put("resources", resources(status.getResources()));
            list.add(one);
        }
        if (!list.isEmpty()) {
            json.put(name, list);
        }
    }

    private static void text(Map<String, Object> json, String name, String value) {
        if (!value.isEmpty()) {
            json.put(name, value);
        }
    }

    private static void number(Map<String, Object> json, String name, long value) {
        if (value != 0) {
            json.put(name, value);
        }
    }
}
