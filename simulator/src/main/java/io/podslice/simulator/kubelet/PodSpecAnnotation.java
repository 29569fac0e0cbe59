package io.podslice.simulator.kubelet;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** The annotation that podslice's admission policy writes, so that the pod's spec reaches the node through CRI. */
public final class PodSpecAnnotation {
    /** The annotation's key. */
    public static final String KEY = "podslice.io/pod-spec";

    private static final long GIBIBYTE = 1L << 30;
    private static final long MEBIBYTE = 1L << 20;

    private PodSpecAnnotation() {}

    /** Returns the pod with the annotation that repeats its spec. */
    public static PodManifest on(PodManifest pod) {
        return pod.annotated(Map.of(KEY, of(pod)));
    }

    private static String of(PodManifest pod) {
        Map<String, Object> spec = new LinkedHashMap<>();
        spec.put("resources", json(pod.wants()));
        spec.put(
                "containers",
                pod.containers().stream().map(PodSpecAnnotation::json).toList());
        return JsonMapper.shared().writeValueAsString(spec);
    }

    private static Map<String, Object> json(ContainerManifest container) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", container.name());
        json.put("kind", container.kind().name().toLowerCase(Locale.ROOT));
        json.put("resources", json(container.wants()));
        if (!container.restartedFor().isEmpty()) {
            json.put("resizePolicy", resizePolicy(container));
        }
        return json;
    }

    private static List<Map<String, String>> resizePolicy(ContainerManifest container) {
        return container.restartedFor().stream()
                .sorted()
                .map(resource -> Map.of("resourceName", resource, "restartPolicy", "RestartContainer"))
                .toList();
    }

    private static Map<String, Object> json(Wants wants) {
        Map<String, Object> json = new LinkedHashMap<>();
        for (var side : List.of(Map.entry("requests", wants.requests()), Map.entry("limits", wants.limits()))) {
            Map<String, String> amounts = new LinkedHashMap<>();
            if (side.getValue().cpuMillis() != 0) {
                amounts.put("cpu", cpu(side.getValue().cpuMillis()));
            }
            if (side.getValue().memoryBytes() != 0) {
                amounts.put("memory", memory(side.getValue().memoryBytes()));
            }
            if (!amounts.isEmpty()) {
                json.put(side.getKey(), amounts);
            }
        }
        return json;
    }

    /** Returns millicores as a person writes them: {@code 6} or {@code 500m}. */
    public static String cpu(long millis) {
        return millis % 1000 == 0 ? Long.toString(millis / 1000) : millis + "m";
    }

    /** Returns bytes as a person writes them: {@code 12Gi}, {@code 200Mi}, or a plain number. */
    public static String memory(long bytes) {
        if (bytes % GIBIBYTE == 0) {
            return bytes / GIBIBYTE + "Gi";
        }
        return bytes % MEBIBYTE == 0 ? bytes / MEBIBYTE + "Mi" : Long.toString(bytes);
    }
}
