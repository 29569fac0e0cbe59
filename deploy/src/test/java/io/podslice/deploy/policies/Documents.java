package io.podslice.deploy.policies;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.MappingIterator;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** YAML documents as trees of maps and lists. */
public final class Documents {
    private static final YAMLMapper YAML = new YAMLMapper();
    private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};

    private Documents() {}

    public static List<Map<String, Object>> read(String text) {
        List<Map<String, Object>> documents = new ArrayList<>();
        try (MappingIterator<Map<String, Object>> values =
                YAML.readerFor(OBJECT).readValues(text)) {
            values.forEachRemaining(documents::add);
        }
        return documents;
    }

    /**
     * Returns pods as the API server shows them to a policy: amounts are strings, and each container has resources, if
     * only empty ones.
     */
    static List<Map<String, Object>> pods(String text) {
        List<Map<String, Object>> pods = read(text);
        for (Map<String, Object> pod : pods) {
            Map<String, Object> spec = object(pod, "spec");
            amounts(spec);
            for (String list : List.of("initContainers", "containers")) {
                if (spec.get(list) instanceof List<?> containers) {
                    containers.forEach(container -> {
                        Map<String, Object> one = object(container);
                        one.putIfAbsent("resources", new LinkedHashMap<>());
                        amounts(one);
                    });
                }
            }
        }
        return pods;
    }

    static Map<String, Object> pod(String text) {
        return pods(text).getFirst();
    }

    private static void amounts(Map<String, Object> owner) {
        if (owner.containsKey("resources")) {
            object(owner, "resources")
                    .values()
                    .forEach(amounts -> object(amounts).replaceAll((_, amount) -> String.valueOf(amount)));
        }
    }

    /** Returns a field that is an object, and makes it where there is none. */
    public static Map<String, Object> object(Map<String, Object> owner, String field) {
        return object(owner.computeIfAbsent(field, _ -> new LinkedHashMap<String, Object>()));
    }

    @SuppressWarnings("unchecked") // what a YAML mapping is read as
    static Map<String, Object> object(Object value) {
        return (Map<String, Object>) value;
    }
}
