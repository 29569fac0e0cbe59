package io.podslice.cluster.apiserver;

import io.podslice.proto.core.v1.Container;
import io.podslice.proto.core.v1.ObjectMeta;
import io.podslice.proto.core.v1.Pod;
import io.podslice.proto.core.v1.Quantity;
import io.podslice.proto.core.v1.ResourceRequirements;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The JSON of the API server for the parts of pods that tests use. */
final class FakeJson {
    private FakeJson() {}

    static String pod(Pod pod) {
        ObjectMeta metadata = pod.getMetadata();
        return "{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":" + quoted(metadata.getName())
                + ",\"namespace\":" + quoted(metadata.getNamespace()) + ",\"uid\":" + quoted(metadata.getUid())
                + ",\"resourceVersion\":" + quoted(metadata.getResourceVersion()) + ",\"generation\":"
                + metadata.getGeneration() + ",\"managedFields\":[{\"manager\":\"x\",\"fieldsV1\":{\"f:a\":{}}}]"
                + ",\"annotations\":" + map(metadata.getAnnotationsMap(), FakeJson::quoted)
                + "},\"spec\":{\"nodeName\":\"n1\",\"volumes\":[{\"name\":\"v\",\"emptyDir\":{}}],\"containers\":["
                + pod.getSpec().getContainersList().stream()
                        .map(FakeJson::container)
                        .collect(Collectors.joining(","))
                + "],\"resources\":" + resources(pod.getSpec().getResources()) + "},\"status\":{\"phase\":"
                + quoted(pod.getStatus().getPhase()) + "}}";
    }

    private static String container(Container container) {
        return "{\"name\":" + quoted(container.getName()) + ",\"resources\":" + resources(container.getResources())
                + "}";
    }

    private static String resources(ResourceRequirements resources) {
        Function<Quantity, String> amount = quantity -> quoted(quantity.getString());
        return "{\"limits\":" + map(resources.getLimitsMap(), amount) + ",\"requests\":"
                + map(resources.getRequestsMap(), amount) + "}";
    }

    static String list(List<Pod> pods, String version, String next) {
        return "{\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":" + quoted(version)
                + ",\"continue\":" + quoted(next) + "},\"items\":["
                + pods.stream().map(FakeJson::pod).collect(Collectors.joining(",")) + "]}";
    }

    static String event(String type, String object) {
        return "{\"type\":" + quoted(type) + ",\"object\":" + object + "}";
    }

    static String status(int code, String message) {
        return "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"message\":" + quoted(message) + ",\"code\":" + code + "}";
    }

    private static <T> String map(Map<String, T> map, Function<T, String> value) {
        return map.entrySet().stream()
                .map(entry -> quoted(entry.getKey()) + ":" + value.apply(entry.getValue()))
                .collect(Collectors.joining(",", "{", "}"));
    }

    private static String quoted(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }
}
