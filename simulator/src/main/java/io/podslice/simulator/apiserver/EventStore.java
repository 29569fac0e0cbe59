package io.podslice.simulator.apiserver;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Events of {@code events.k8s.io/v1}, checked as the API server does (pkg/apis/core/validation/events.go). Any thread may
 * call it.
 */
public final class EventStore {
    private static final JsonMapper JSON = new JsonMapper();
    private static final int MOST_NOTE_BYTES = 1024;
    private static final int LONGEST = 128;
    private static final String NAME = "[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?";

    /** By namespace and name, in the order of their creation. */
    private final Map<String, ObjectNode> events = new LinkedHashMap<>();

    private boolean permitted = true;
    private final List<String> missing = new ArrayList<>();

    EventStore() {}

    /** Lets callers have the rights to create and patch events, or lack them. */
    public synchronized void permit(boolean allowed) {
        permitted = allowed;
    }

    /** Lets a namespace be gone. */
    public synchronized void removeNamespace(String namespace) {
        missing.add(namespace);
    }

    /** Forgets all events, as the server does after an hour. */
    public synchronized void expire() {
        events.clear();
    }

    /** Returns all events, the oldest first. */
    public synchronized List<JsonNode> all() {
        return List.copyOf(events.values());
    }

    synchronized String create(String namespace, String text) throws ApiError {
        check("create", namespace);
        if (missing.contains(namespace)) {
            throw new ApiError(404, "NotFound", "namespaces \"" + namespace + "\" not found");
        }
        ObjectNode event = read(text);
        String name = event.at("/metadata/name").asString("");
        require(name.matches(NAME), "metadata.name: Invalid value: \"" + name + "\"");
        require(
                event.at("/metadata/namespace").asString("").equals(namespace),
                "the namespace of the provided object does not match the namespace sent on the request");
        require(isTime(event.path("eventTime")), "eventTime: Required value");
        for (String field : List.of("reportingController", "reportingInstance", "action", "reason")) {
            String value = event.path(field).asString("");
            require(!value.isEmpty(), field + ": Required value");
            require(value.length() <= LONGEST, field + ": can have at most " + LONGEST + " characters");
        }
        require(
                Set.of("Normal", "Warning").contains(event.path("type").asString("")),
                "type: Invalid value: has invalid value: " + event.path("type"));
        byte[] note = event.path("note").asString("").getBytes(StandardCharsets.UTF_8);
        require(note.length <= MOST_NOTE_BYTES, "note: can have at most " + MOST_NOTE_BYTES + " characters");
        checkSeries(event);
        if (events.putIfAbsent(namespace + "/" + name, event) != null) {
            throw new ApiError(409, "AlreadyExists", "events.events.k8s.io \"" + name + "\" already exists");
        }
        return event.toString();
    }

    synchronized String patch(String namespace, String name, String text) throws ApiError {
        check("patch", namespace);
        ObjectNode event = events.get(namespace + "/" + name);
        if (event == null) {
            throw new ApiError(404, "NotFound", "events.events.k8s.io \"" + name + "\" not found");
        }
        ObjectNode patch = read(text);
        for (String field : patch.propertyNames()) {
            require(field.equals("series"), field + ": Invalid value: field is immutable");
        }
        checkSeries(patch);
        event.set("series", patch.path("series"));
        return event.toString();
    }

    private void check(String verb, String namespace) throws ApiError {
        if (!permitted) {
            throw new ApiError(
                    403,
                    "Forbidden",
                    "events.events.k8s.io is forbidden: User \"system:node:node-a\" cannot " + verb + " resource"
                            + " \"events\" in API group \"events.k8s.io\" in the namespace \"" + namespace + "\"");
        }
    }

    private static ObjectNode read(String text) throws ApiError {
        try {
            if (JSON.readTree(text) instanceof ObjectNode object) {
                return object;
            }
        } catch (JacksonException e) {
            throw new ApiError(400, "BadRequest", "error decoding: " + e.getOriginalMessage());
        }
        throw new ApiError(400, "BadRequest", "the object is no mapping");
    }

    private static void checkSeries(JsonNode event) throws ApiError {
        if (event.has("series")) {
            require(event.at("/series/count").asInt(0) >= 2, "series.count: Invalid value: should be at least 2");
            require(isTime(event.at("/series/lastObservedTime")), "series.lastObservedTime: Required value");
        }
    }

    private static boolean isTime(JsonNode value) {
        String text = value.asString("");
        return text.matches(".*\\.[0-9]{6}Z") && Instant.parse(text).isAfter(Instant.EPOCH);
    }

    private static void require(boolean condition, String message) throws ApiError {
        if (!condition) {
            throw new ApiError(422, "Invalid", "Event.events.k8s.io is invalid: " + message);
        }
    }
}
