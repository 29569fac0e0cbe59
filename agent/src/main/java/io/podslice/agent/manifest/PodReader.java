package io.podslice.agent.manifest;

import io.podslice.agent.yaml.FieldPath;
import io.podslice.agent.yaml.Fields;
import io.podslice.agent.yaml.Mark;
import io.podslice.agent.yaml.Remarks;
import io.podslice.agent.yaml.YamlNode;
import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.InvalidPodSpecException;
import io.podslice.managers.pod.PodAnnotations;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.PodSpecDefaults;
import io.podslice.managers.pod.PodSpecFields;
import io.podslice.managers.pod.PodSpecValidation;
import io.podslice.managers.pod.Quantity;
import io.podslice.managers.pod.ResizePolicy;
import io.podslice.managers.pod.ResizePolicy.RestartPolicy;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceName;
import io.podslice.managers.pod.ResourceRequirements;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;

/** Makes a pod of a tree, or reports what is wrong with it. For one manifest. */
final class PodReader {
    private static final String REQUIRED = "Required value";

    private final YamlNode document;
    private final String path;
    private final Remarks remarks;
    private final Map<String, String> images = new HashMap<>();

    /**
     * @param document the tree of the whole text, or the part of it that the path is in
     * @param path where the pod is in the document; empty for the whole of it
     */
    PodReader(YamlNode document, String path, Remarks remarks) {
        this.document = document;
        this.path = path;
        this.remarks = remarks;
    }

    /**
     * Reads a pod.
     *
     * @param top the pod's fields, of which kind and version have been read already
     * @param number the pod's number in the command, which ends a name made of generateName
     * @return empty where something is wrong, which the remarks say
     */
    Optional<Pod> read(Fields top, int number) {
        Mark mark = FieldPath.mark(document, path);
        Fields metadata = top.section("metadata");
        Optional<String> prefix = metadata.find("generateName", Names::prefix);
        boolean isNamed = metadata.has("name") || prefix.isPresent();
        Optional<String> name = metadata.find("name", Names::pod).or(() -> prefix.map(text -> text + number));
        if (!isNamed) {
            metadata.error(mark, "name", REQUIRED + ": name or generateName is required");
        }
        String namespace = metadata.value("namespace", "default", Names::label);
        Optional<String> uid = metadata.find("uid", Names::uid);
        Map<String, String> annotations = strings(metadata.map("annotations"));
        KnownFields.METADATA.check(metadata);

        boolean hasSpec = top.has("spec");
        Fields spec = top.section("spec");
        if (!hasSpec || (!spec.has("containers") && !spec.keys().isEmpty())) {
            spec.error(hasSpec ? spec.mark("containers") : mark, "containers", REQUIRED);
        }
        ResourceRequirements resources = resources(spec.section("resources"));
        ResourceList overhead = amounts(spec.map("overhead"));
        boolean isNodeCritical =
                spec.value("priorityClassName", "", text -> text).equals("system-node-critical");
        List<ContainerSpec> containers = new ArrayList<>();
        containers.addAll(containers(spec, "initContainers", PodReader::kindOfInit));
        containers.addAll(containers(spec, "containers", container -> ContainerKind.APP));
        containers.addAll(containers(spec, "ephemeralContainers", container -> ContainerKind.EPHEMERAL));
        KnownFields.SPEC.check(spec);
        KnownFields.OBJECT.check(top);
        if (remarks.hasErrors() || name.isEmpty()) {
            return Optional.empty();
        }
        PodSpec pod = PodSpecDefaults.apply(new PodSpec(resources, containers));
        return exclusive(pod, spec, metadata, annotations)
                .map(exclusive -> new Pod(
                        mark,
                        name.get(),
                        namespace,
                        uid.orElse(uid(namespace, name.get())),
                        pod,
                        overhead,
                        isNodeCritical,
                        annotations,
                        exclusive,
                        images));
    }

    /**
     * Checks the rules that span several fields, in the API server's words, and returns the exclusive annotations by
     * container.
     */
    private Optional<Map<String, Boolean>> exclusive(
            PodSpec pod, Fields spec, Fields metadata, Map<String, String> annotations) {
        try {
            PodSpecValidation.check(pod, PodSpecFields.inManifest(pod, spec.path()));
        } catch (InvalidPodSpecException e) {
            remarks.error(FieldPath.mark(document, e.field()), e.field(), e.problem());
            return Optional.empty();
        }
        try {
            PodAnnotations own = PodAnnotations.of(annotations, pod);
            own.devices().keySet().forEach(container -> {
                String field = metadata.path("annotations") + "[" + PodAnnotations.DEVICES_PREFIX + container + "]";
                remarks.note(
                        FieldPath.mark(document, field),
                        field,
                        "the plan does not know where devices are, and places the pod without them");
            });
            return Optional.of(own.exclusive());
        } catch (InvalidPodSpecException e) {
            String annotation = e.field().split(": ", 2)[0];
            String field = metadata.path("annotations") + "[" + annotation + "]";
            String rest = e.field().substring(annotation.length());
            remarks.error(FieldPath.mark(document, field), field + rest, e.problem());
            return Optional.empty();
        }
    }

    /** Returns a uid in the usual form that only namespace and name determine, so that a plan can be repeated. */
    private static String uid(String namespace, String name) {
        return UUID.nameUUIDFromBytes((namespace + "/" + name).getBytes(StandardCharsets.UTF_8))
                .toString();
    }

    private List<ContainerSpec> containers(Fields spec, String list, Function<Fields, ContainerKind> kind) {
        List<ContainerSpec> containers = new ArrayList<>();
        for (Fields container : spec.sections(list)) {
            if (!container.has("name")) {
                container.error(container.mark("name"), "name", REQUIRED);
            }
            String name = container.value("name", "", Names::label);
            container.find("image", Function.identity()).ifPresent(image -> images.put(name, image));
            ResourceRequirements resources = resources(container.section("resources"));
            containers.add(new ContainerSpec(name, kind.apply(container), resources, resizePolicy(container)));
            KnownFields.CONTAINER.check(container);
        }
        return containers;
    }

    private static ResizePolicy resizePolicy(Fields container) {
        ResizePolicy policy = ResizePolicy.NOT_REQUIRED;
        Set<ResourceName> seen = new HashSet<>();
        for (Fields entry : container.sections("resizePolicy")) {
            Mark mark = entry.mark("resourceName");
            Optional<ResourceName> resource = entry.find("resourceName", PodReader::resizable);
            Optional<RestartPolicy> restart = entry.find("restartPolicy", PodReader::restartPolicy);
            if (resource.isPresent() && !seen.add(resource.get())) {
                entry.error(mark, "resourceName", "Duplicate value: \"" + resource.get() + "\"");
            }
            if (resource.isPresent() && restart.isPresent()) {
                policy = policy.with(resource.get(), restart.get());
            }
        }
        return policy;
    }

    private static ResourceName resizable(String text) {
        return switch (text) {
            case "cpu" -> ResourceName.CPU;
            case "memory" -> ResourceName.MEMORY;
            default -> throw new IllegalArgumentException("Unsupported value: supported values: \"cpu\", \"memory\"");
        };
    }

    private static RestartPolicy restartPolicy(String text) {
        return RestartPolicy.of(text)
                .orElseThrow(() -> new IllegalArgumentException(
                        "Unsupported value: supported values: \"NotRequired\", \"RestartContainer\""));
    }

    private static ContainerKind kindOfInit(Fields container) {
        return container.value("restartPolicy", ContainerKind.INIT, text -> switch (text) {
            case "Always" -> ContainerKind.SIDECAR;
            case "OnFailure", "Never" -> ContainerKind.INIT;
            default ->
                throw new IllegalArgumentException(
                        "Unsupported value: supported values: \"Always\", \"Never\", \"OnFailure\"");
        });
    }

    private static ResourceRequirements resources(Fields fields) {
        ResourceRequirements resources =
                new ResourceRequirements(amounts(fields.map("requests")), amounts(fields.map("limits")));
        if (fields.has("claims") && fields.path("").matches("(.*\\.)?spec\\.resources\\.")) {
            fields.error(
                    fields.mark("claims"), "claims", "Forbidden: claims may not be set for Resources at pod-level");
        }
        KnownFields.RESOURCES.check(fields);
        return resources;
    }

    private static ResourceList amounts(Fields fields) {
        Map<ResourceName, Quantity> amounts = new TreeMap<>();
        for (String key : fields.keys()) {
            Mark mark = fields.mark(key);
            if (key.isBlank()) {
                fields.error(mark, key, "a resource's name must not be empty");
                continue;
            }
            try {
                ResourceName name = new ResourceName(key);
                fields.find(key, name::amount).ifPresent(quantity -> amounts.put(name, quantity));
            } catch (IllegalArgumentException e) {
                fields.error(mark, key, String.valueOf(e.getMessage()));
            }
        }
        return ResourceList.of(amounts);
    }

    /**
     * Reads a mapping to strings; the API server takes no other values here, and 'true' without quotes is easily
     * written.
     */
    private static Map<String, String> strings(Fields fields) {
        Map<String, String> strings = new HashMap<>();
        for (String key : fields.keys()) {
            YamlNode.Entry entry = fields.take(key);
            if (entry != null && entry.value() instanceof YamlNode.Scalar scalar && scalar.isString()) {
                strings.put(key, scalar.text());
            } else if (entry != null) {
                fields.error(
                        entry.value().mark(),
                        key,
                        "must be a string, not " + entry.value().described() + "; put it into quotes");
            }
        }
        return strings;
    }
}
