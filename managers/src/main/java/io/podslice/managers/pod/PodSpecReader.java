package io.podslice.managers.pod;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads the annotation's JSON. Nothing is guessed: an unknown key, a key given twice, a value of the wrong type or
 * anything after the end is an error that names its path.
 */
final class PodSpecReader {
    /** The most containers of a pod, far above what a node runs well. */
    private static final int MOST_CONTAINERS = 128;

    private static final JsonFactory FACTORY = new JsonFactory();

    private final JsonParser json;
    private final String annotation;

    private PodSpecReader(JsonParser json, String annotation) {
        this.json = json;
        this.annotation = annotation;
    }

    static PodSpec read(String text, String annotation) {
        try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), text)) {
            PodSpecReader reader = new PodSpecReader(parser, annotation);
            parser.nextToken();
            PodSpec pod = reader.pod();
            if (parser.nextToken() != null) {
                throw reader.invalid("", parser.getString(), "must end after the object");
            }
            return pod;
        } catch (JacksonException e) {
            long column = e.getLocation() == null ? 0 : e.getLocation().getColumnNr();
            throw new InvalidPodSpecException(
                    annotation, text, "is not valid JSON at character " + column + ": " + e.getOriginalMessage());
        }
    }

    private PodSpec pod() {
        expect(JsonToken.START_OBJECT, "", "an object");
        ResourceRequirements resources = ResourceRequirements.NONE;
        List<ContainerSpec> containers = null;
        Set<String> seen = new HashSet<>();
        for (String key = nextKey("", seen); key != null; key = nextKey("", seen)) {
            switch (key) {
                case "resources" -> resources = resources("resources", true);
                case "containers" -> containers = containers();
                default -> throw unknown("", key, "\"containers\", \"resources\"");
            }
        }
        if (containers == null) {
            throw new InvalidPodSpecException(
                    annotation + ": containers", null, "the pod's containers, each with its name");
        }
        return new PodSpec(resources, containers);
    }

    private List<ContainerSpec> containers() {
        expect(JsonToken.START_ARRAY, "containers", "an array");
        List<ContainerSpec> containers = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            if (containers.size() == MOST_CONTAINERS) {
                throw new InvalidPodSpecException(
                        annotation + ": containers", null, "at most " + MOST_CONTAINERS + " containers");
            }
            containers.add(container("containers[" + containers.size() + "]"));
        }
        return containers;
    }

    private ContainerSpec container(String path) {
        expect(JsonToken.START_OBJECT, path, "an object");
        String name = null;
        ContainerKind kind = ContainerKind.APP;
        ResourceRequirements resources = ResourceRequirements.NONE;
        ResizePolicy resizePolicy = ResizePolicy.NOT_REQUIRED;
        Set<String> seen = new HashSet<>();
        for (String key = nextKey(path, seen); key != null; key = nextKey(path, seen)) {
            switch (key) {
                case "name" -> name = string(path + ".name");
                case "kind" -> kind = kind(path + ".kind");
                case "resources" -> resources = resources(path + ".resources", false);
                case "resizePolicy" -> resizePolicy = resizePolicy(path + ".resizePolicy");
                default -> throw unknown(path, key, "\"kind\", \"name\", \"resizePolicy\", \"resources\"");
            }
        }
        if (name == null || name.isEmpty()) {
            throw new InvalidPodSpecException(annotation + ": " + path + ".name", null, "the container's name");
        }
        try {
            DnsLabel.check(name);
        } catch (IllegalArgumentException e) {
            throw invalid(path + ".name", name, String.valueOf(e.getMessage()));
        }
        return new ContainerSpec(name, kind, resources, resizePolicy);
    }

    private ResizePolicy resizePolicy(String path) {
        expect(JsonToken.START_ARRAY, path, "an array");
        ResizePolicy policy = ResizePolicy.NOT_REQUIRED;
        Set<ResourceName> resources = new HashSet<>();
        for (int i = 0; json.nextToken() != JsonToken.END_ARRAY; i++) {
            String at = path + "[" + i + "]";
            expect(JsonToken.START_OBJECT, at, "an object");
            ResourceName resource = null;
            ResizePolicy.RestartPolicy restart = null;
            Set<String> seen = new HashSet<>();
            for (String key = nextKey(at, seen); key != null; key = nextKey(at, seen)) {
                switch (key) {
                    case "resourceName" -> resource = resizable(at + ".resourceName");
                    case "restartPolicy" -> restart = restartPolicy(at + ".restartPolicy");
                    default -> throw unknown(at, key, "\"resourceName\", \"restartPolicy\"");
                }
            }
            if (resource == null || restart == null) {
                throw new InvalidPodSpecException(
                        annotation + ": " + at + (resource == null ? ".resourceName" : ".restartPolicy"),
                        null,
                        resource == null ? "the resource's name" : "the policy for the resource");
            }
            if (!resources.add(resource)) {
                throw invalid(at + ".resourceName", resource.value(), "the resource is given twice");
            }
            policy = policy.with(resource, restart);
        }
        return policy;
    }

    private ResourceName resizable(String path) {
        String text = string(path);
        return switch (text) {
            case "cpu" -> ResourceName.CPU;
            case "memory" -> ResourceName.MEMORY;
            default -> throw invalid(path, text, "must be \"cpu\" or \"memory\"");
        };
    }

    private ResizePolicy.RestartPolicy restartPolicy(String path) {
        String text = string(path);
        return ResizePolicy.RestartPolicy.of(text)
                .orElseThrow(() -> invalid(path, text, "must be \"NotRequired\" or \"RestartContainer\""));
    }

    private ContainerKind kind(String path) {
        String text = string(path);
        for (ContainerKind kind : ContainerKind.values()) {
            if (kind.text().equals(text)) {
                return kind;
            }
        }
        throw invalid(path, text, "must be \"app\", \"init\", \"sidecar\" or \"ephemeral\"");
    }

    private ResourceRequirements resources(String path, boolean ofPod) {
        expect(JsonToken.START_OBJECT, path, "an object");
        ResourceList requests = ResourceList.EMPTY;
        ResourceList limits = ResourceList.EMPTY;
        Set<String> seen = new HashSet<>();
        for (String key = nextKey(path, seen); key != null; key = nextKey(path, seen)) {
            switch (key) {
                case "requests" -> requests = amounts(path + ".requests");
                case "limits" -> limits = amounts(path + ".limits");
                case "claims" -> {
                    if (ofPod) {
                        throw InvalidPodSpecException.forbidden(
                                annotation + ": " + path + ".claims",
                                "claims may not be set for Resources at pod-level");
                    }
                    json.skipChildren(); // Resource claims are devices, which podslice does not allocate.
                }
                default -> throw unknown(path, key, "\"limits\", \"requests\"");
            }
        }
        return new ResourceRequirements(requests, limits);
    }

    private ResourceList amounts(String path) {
        expect(JsonToken.START_OBJECT, path, "an object");
        Map<ResourceName, Quantity> amounts = new TreeMap<>();
        Set<String> seen = new HashSet<>();
        for (String key = nextKey(path, seen); key != null; key = nextKey(path, seen)) {
            if (key.isBlank()) {
                throw invalid(path, key, "a resource's name must not be empty");
            }
            ResourceName name = resourceName(path, key);
            amounts.put(name, quantity(path + "[" + key + "]", name));
        }
        return ResourceList.of(amounts);
    }

    private ResourceName resourceName(String path, String key) {
        try {
            return new ResourceName(key);
        } catch (IllegalArgumentException e) {
            throw invalid(path, key, "must be a resource's name, such as cpu or example.com/fpga");
        }
    }

    /** Reads a string or, as the API server does, a bare number. */
    private Quantity quantity(String path, ResourceName name) {
        JsonToken token = json.currentToken();
        if (token != JsonToken.VALUE_STRING
                && token != JsonToken.VALUE_NUMBER_INT
                && token != JsonToken.VALUE_NUMBER_FLOAT) {
            throw invalid(path, json.getString(), "must be a quantity, such as \"500m\" or \"2Gi\"");
        }
        String text = json.getString();
        try {
            return name.amount(text);
        } catch (IllegalArgumentException e) {
            throw invalid(path, text, String.valueOf(e.getMessage()));
        }
    }

    private String string(String path) {
        expect(JsonToken.VALUE_STRING, path, "a string");
        return json.getString();
    }

    /** Returns the next key of the object, with the parser on its value; null at the object's end. */
    private @Nullable String nextKey(String path, Set<String> seen) {
        if (json.nextToken() == JsonToken.END_OBJECT) {
            return null;
        }
        String key = json.currentName();
        if (!seen.add(key)) {
            throw invalid(path, key, "the key is given twice");
        }
        json.nextToken();
        return key;
    }

    private void expect(JsonToken token, String path, String what) {
        if (json.currentToken() != token) {
            String found = json.currentToken() == null ? "" : json.getString();
            throw invalid(path, found, "must be " + what);
        }
    }

    private InvalidPodSpecException unknown(String path, String key, String known) {
        return invalid(path, key, "unknown key; known: " + known);
    }

    private InvalidPodSpecException invalid(String path, String value, String detail) {
        return new InvalidPodSpecException(path.isEmpty() ? annotation : annotation + ": " + path, value, detail);
    }
}
