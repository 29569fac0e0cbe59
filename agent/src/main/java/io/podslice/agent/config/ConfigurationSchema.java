package io.podslice.agent.config;

import io.podslice.agent.text.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The configuration's rules as a JSON Schema (2020-12), for editors and charts. */
public final class ConfigurationSchema {
    private static final String PROPERTIES = "properties";
    private static final String PATTERNS = "patternProperties";
    private static final String CLOSED = "additionalProperties";
    private static final String LIST = "[]";

    private ConfigurationSchema() {}

    /** Returns the schema as text. */
    public static String text() {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.put("title", Configuration.KIND);
        schema.putAll(mapping());
        property(schema, "apiVersion", Map.of("const", Configuration.API_VERSION));
        property(schema, "kind", Map.of("const", Configuration.KIND));
        schema.put("required", List.of("apiVersion", "kind"));
        for (Rule<?> rule : Rules.all()) {
            add(schema, rule);
        }
        return Json.text(schema);
    }

    private static Map<String, Object> mapping() {
        Map<String, Object> mapping = new LinkedHashMap<>();
        mapping.put("type", List.of("object", "null"));
        mapping.put(PROPERTIES, new LinkedHashMap<String, Object>());
        mapping.put(CLOSED, false);
        return mapping;
    }

    private static void add(Map<String, Object> schema, Rule<?> rule) {
        Map<String, Object> at = schema;
        String rest = rule.path();
        for (int dot = rest.indexOf('.'); dot >= 0; dot = rest.indexOf('.')) {
            at = inner(at, rest.substring(0, dot));
            rest = rest.substring(dot + 1);
        }
        Map<String, Object> value = new LinkedHashMap<>(rule.kind().schema());
        Map<String, Object> own = rule.shape() == Rule.Shape.LIST ? list(value) : value;
        own.put("description", rule.text());
        if (rest.endsWith("*")) {
            at.put(PATTERNS, Map.of("^" + rest.substring(0, rest.length() - 1), own));
        } else {
            property(at, rest, own);
        }
    }

    private static Map<String, Object> list(Map<String, Object> items) {
        Map<String, Object> list = new LinkedHashMap<>();
        list.put("type", List.of("array", "null"));
        list.put("items", items);
        return list;
    }

    /** Returns the mapping below a key, or that of each item of a list where the key says so. */
    private static Map<String, Object> inner(Map<String, Object> at, String step) {
        boolean isList = step.endsWith(LIST);
        String key = isList ? step.substring(0, step.length() - LIST.length()) : step;
        Map<String, Object> found = object(properties(at).get(key));
        if (found.isEmpty()) {
            Map<String, Object> made = isList ? list(mapping()) : mapping();
            property(at, key, made);
            found = made;
        }
        return isList ? object(found.get("items")) : found;
    }

    private static void property(Map<String, Object> at, String key, Map<String, Object> value) {
        properties(at).put(key, value);
    }

    private static Map<String, Object> properties(Map<String, Object> at) {
        return object(at.get(PROPERTIES));
    }

    @SuppressWarnings("unchecked") // every object of the schema is such a map
    private static Map<String, Object> object(@Nullable Object value) {
        return value == null ? Map.of() : (Map<String, Object>) value;
    }
}
