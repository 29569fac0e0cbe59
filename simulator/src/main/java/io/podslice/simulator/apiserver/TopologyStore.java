package io.podslice.simulator.apiserver;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * NodeResourceTopology objects and the managers of their fields: {@code zones}, {@code attributes}, and each entry of
 * {@code metadata}, each as a whole, since the lists of this CRD are atomic. Any thread may call it.
 */
public final class TopologyStore {
    private static final JsonMapper JSON = new JsonMapper();

    private final NavigableMap<String, Map<String, Field>> objects = new TreeMap<>();
    private final Map<String, Writing> writings = new HashMap<>();
    private long version = 1;
    private boolean known = true;
    private boolean permitted = true;
    private int applied;

    private record Field(JsonNode value, String manager) {}

    /** The last change of an object. */
    private record Writing(long version, String manager, Instant time) {}

    TopologyStore() {}

    /** Lets the server have the CustomResourceDefinition, or lack it. */
    public synchronized void install(boolean installed) {
        known = installed;
    }

    /** Lets callers have the right to write the objects, or lack it. */
    public synchronized void permit(boolean allowed) {
        permitted = allowed;
    }

    /** Returns the number of applications that succeeded. */
    public synchronized int applied() {
        return applied;
    }

    /** Returns an object; empty if there is none of that name. */
    public synchronized Optional<JsonNode> get(String name) {
        Map<String, Field> fields = objects.get(name);
        if (fields == null) {
            return Optional.empty();
        }
        ObjectNode object = JSON.createObjectNode();
        ObjectNode metadata = object.putObject("metadata");
        fields.forEach((path, field) -> {
            if (path.startsWith("metadata.")) {
                metadata.set(path.substring("metadata.".length()), field.value);
            } else {
                object.set(path, field.value);
            }
        });
        return Optional.of(object);
    }

    /** Removes an object. */
    public synchronized void remove(String name) {
        objects.remove(name);
    }

    /** Applies an object as another producer does. */
    public void applyAs(String manager, String name, String object) {
        try {
            apply(name, manager, true, object);
        } catch (ApiError e) {
            throw new IllegalArgumentException(e.message(), e);
        }
    }

    /** Returns the present version. */
    synchronized long version() {
        return version;
    }

    /**
     * Returns a page, its keys in the order in which the API server writes lists of custom resources. Of those it sends the
     * wanted shard alone, but without {@code shardInfo} (seen in kube-apiserver 1.36.2).
     */
    synchronized byte[] list(Page page, ShardFilter shard) throws ApiError {
        check("list");
        List<String> names = objects.tailMap(page.after(), false).keySet().stream()
                .filter(name -> shard.matches(uid(name), ""))
                .limit(page.most())
                .toList();
        ObjectNode list = JSON.createObjectNode();
        list.put("apiVersion", "topology.node.k8s.io/v1alpha2");
        page.cut(names).forEach(name -> list.withArray("items").add(written(name)));
        list.put("kind", "NodeResourceTopologyList");
        ObjectNode metadata = list.putObject("metadata");
        metadata.put("continue", page.next(names, name -> name));
        metadata.put("resourceVersion", Long.toString(page.version()));
        return JSON.writeValueAsBytes(list);
    }

    /** Returns the uid of an object. */
    public static String uid(String name) {
        return UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)).toString();
    }

    private JsonNode written(String name) {
        ObjectNode object = (ObjectNode) get(name).orElseThrow();
        Writing writing = Objects.requireNonNull(writings.get(name));
        ObjectNode metadata = object.withObject("metadata");
        metadata.put("uid", uid(name));
        metadata.put("resourceVersion", Long.toString(writing.version));
        metadata.put("creationTimestamp", writing.time.toString());
        metadata.putArray("managedFields")
                .addObject()
                .put("manager", writing.manager)
                .put("operation", "Apply")
                .put("time", writing.time.toString());
        return object;
    }

    private void check(String verb) throws ApiError {
        if (!known) {
            throw new ApiError(404, "NotFound", "the server could not find the requested resource");
        }
        if (!permitted) {
            throw new ApiError(
                    403,
                    "Forbidden",
                    "noderesourcetopologies.topology.node.k8s.io is forbidden: User"
                            + " \"system:serviceaccount:podslice:publish\" cannot " + verb + " resource"
                            + " \"noderesourcetopologies\" in API group \"topology.node.k8s.io\" at the cluster scope");
        }
    }

    synchronized JsonNode apply(String name, String manager, boolean force, String text) throws ApiError {
        check("patch");
        if (manager.isEmpty()) {
            throw new ApiError(400, "BadRequest", "fieldManager is required for apply patch");
        }
        Map<String, JsonNode> wanted = fields(name, JSON.readTree(text));
        Map<String, Field> fields = new TreeMap<>(objects.getOrDefault(name, Map.of()));
        for (Map.Entry<String, JsonNode> field : wanted.entrySet()) {
            @Nullable Field before = fields.get(field.getKey());
            if (!force && before != null && !before.manager.equals(manager) && !before.value.equals(field.getValue())) {
                throw new ApiError(
                        409,
                        "Conflict",
                        "Apply failed with 1 conflict: conflict with \"" + before.manager + "\" using"
                                + " topology.node.k8s.io/v1alpha2: ." + field.getKey());
            }
            fields.put(field.getKey(), new Field(field.getValue(), manager));
        }
        for (Iterator<Map.Entry<String, Field>> all = fields.entrySet().iterator(); all.hasNext(); ) {
            Map.Entry<String, Field> field = all.next();
            if (field.getValue().manager.equals(manager) && !wanted.containsKey(field.getKey())) {
                all.remove(); // a field that its manager applies no more goes
            }
        }
        if (!fields.equals(objects.put(name, fields))) {
            writings.put(name, new Writing(++version, manager, Instant.now().truncatedTo(ChronoUnit.SECONDS)));
        }
        applied++;
        return get(name).orElseThrow();
    }

    private static Map<String, JsonNode> fields(String name, JsonNode object) throws ApiError {
        Map<String, JsonNode> fields = new TreeMap<>();
        if (!object.path("metadata").path("name").asString("").equals(name)) {
            throw new ApiError(400, "BadRequest", "the name of the object does not match the name on the URL");
        }
        if (!object.path("apiVersion").asString("").equals("topology.node.k8s.io/v1alpha2")
                || !object.path("kind").asString("").equals("NodeResourceTopology")) {
            throw new ApiError(400, "BadRequest", "the object is no NodeResourceTopology of v1alpha2");
        }
        if (!object.path("zones").isArray()) {
            throw new ApiError(422, "Invalid", "zones: Required value");
        }
        object.properties().forEach(field -> {
            switch (field.getKey()) {
                case "apiVersion", "kind" -> {}
                case "metadata" ->
                    field.getValue()
                            .properties()
                            .forEach(entry -> fields.put("metadata." + entry.getKey(), entry.getValue()));
                default -> fields.put(field.getKey(), field.getValue());
            }
        });
        return fields;
    }
}
