package io.podslice.managers.pod;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The contents of a pod's annotations for podslice.
 *
 * @param spec the pod's spec with the API server's defaults, checked; empty where the pod does not give one
 * @param exclusive by container name, true for exclusive CPUs and false for shared ones, whatever the rules say
 * @param devices by container name, the devices to align it with: device files or PCI addresses
 */
public record PodAnnotations(
        Optional<PodSpec> spec, Map<String, Boolean> exclusive, Map<String, List<String>> devices) {
    /** The annotation that holds the pod's spec as JSON. */
    public static final String POD_SPEC = "podslice.io/pod-spec";

    /** The prefix of an annotation that ends with a container's name and holds {@code true} or {@code false}. */
    public static final String EXCLUSIVE_PREFIX = "podslice.io/exclusive.";

    /**
     * The prefix of an annotation that ends with a container's name and holds device files or PCI addresses, separated
     * by commas. CRI tells of a container's devices only when the pod is placed already.
     */
    public static final String DEVICES_PREFIX = "podslice.io/devices.";

    public PodAnnotations {
        exclusive = Map.copyOf(exclusive);
        devices = Map.copyOf(devices);
    }

    /** Tells if an annotation of that name is podslice's. */
    public static boolean isOwn(String annotation) {
        return annotation.equals(POD_SPEC)
                || annotation.startsWith(EXCLUSIVE_PREFIX)
                || annotation.startsWith(DEVICES_PREFIX);
    }

    /**
     * Reads podslice's own annotations among the pod's.
     *
     * @throws InvalidPodSpecException naming annotation, path and value if one of them is malformed
     */
    public static PodAnnotations of(Map<String, String> annotations) {
        return of(annotations, spec(annotations), POD_SPEC);
    }

    /**
     * Reads podslice's own annotations of a pod whose spec is known from elsewhere; a spec in an annotation must agree
     * with it.
     *
     * @param spec the pod's spec with its defaults, validated
     * @throws InvalidPodSpecException naming annotation, path and value if one of them is malformed or contradicts the
     *     spec
     */
    public static PodAnnotations of(Map<String, String> annotations, PodSpec spec) {
        Optional<PodSpec> annotated = spec(annotations);
        if (annotated.isPresent() && !isSame(annotated.get(), spec)) {
            throw new InvalidPodSpecException(POD_SPEC, annotations.get(POD_SPEC), "contradicts the pod's own spec");
        }
        return of(annotations, Optional.of(spec), "the pod");
    }

    /** Compares two specs; the order counts among containers of one list of the spec. */
    private static boolean isSame(PodSpec a, PodSpec b) {
        return a.resources().equals(b.resources()) && byList(a).equals(byList(b));
    }

    private static Map<Boolean, List<ContainerSpec>> byList(PodSpec pod) {
        return pod.containers().stream()
                .filter(container -> container.kind() != ContainerKind.EPHEMERAL)
                .collect(Collectors.partitioningBy(container -> container.kind() == ContainerKind.APP));
    }

    private static Optional<PodSpec> spec(Map<String, String> annotations) {
        String json = annotations.get(POD_SPEC);
        return json == null ? Optional.empty() : Optional.of(checked(json));
    }

    /** @param source the source of the containers' names, for messages */
    private static PodAnnotations of(Map<String, String> annotations, Optional<PodSpec> spec, String source) {
        Map<String, Boolean> exclusive = new LinkedHashMap<>();
        Map<String, List<String>> devices = new LinkedHashMap<>();
        for (Map.Entry<String, String> annotation : new TreeMap<>(annotations).entrySet()) {
            String key = annotation.getKey();
            if (key.startsWith(EXCLUSIVE_PREFIX)) {
                String container = key.substring(EXCLUSIVE_PREFIX.length());
                boolean knob = knob(key, container, annotation.getValue());
                spec.ifPresent(known -> checkKnown(key, container, annotation.getValue(), knob, known, source));
                exclusive.put(container, knob);
            }
            if (key.startsWith(DEVICES_PREFIX)) {
                String container = key.substring(DEVICES_PREFIX.length());
                devices.put(container, devices(key, container, annotation.getValue(), spec, source));
            }
        }
        return new PodAnnotations(spec, exclusive, devices);
    }

    /** Tells if the annotations ask anything of podslice. */
    public boolean asksAnything() {
        return spec.isPresent() || !exclusive.isEmpty() || !devices.isEmpty();
    }

    private static PodSpec checked(String json) {
        PodSpec spec = PodSpecDefaults.apply(PodSpecReader.read(json, POD_SPEC));
        PodSpecValidation.check(spec, PodSpecFields.inAnnotation(POD_SPEC));
        return spec;
    }

    private static List<String> devices(
            String annotation, String container, String value, Optional<PodSpec> spec, String source) {
        if (spec.isEmpty()) {
            throw new InvalidPodSpecException(annotation, value, "needs " + POD_SPEC + " beside it");
        }
        if (spec.get().container(container).isEmpty()) {
            throw new InvalidPodSpecException(annotation, value, source + " has no container \"" + container + "\"");
        }
        List<String> devices = new ArrayList<>();
        for (String device : value.split(",", -1)) {
            if (device.isBlank()) {
                throw new InvalidPodSpecException(
                        annotation, value, "must be device files or PCI addresses, separated by commas");
            }
            devices.add(device.strip());
        }
        return List.copyOf(devices);
    }

    private static boolean knob(String annotation, String container, String value) {
        if (container.isEmpty()) {
            throw new InvalidPodSpecException(annotation, value, "the annotation must end with a container's name");
        }
        return switch (value) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new InvalidPodSpecException(annotation, value, "must be \"true\" or \"false\"");
        };
    }

    private static void checkKnown(
            String annotation, String container, String value, boolean exclusive, PodSpec spec, String source) {
        ContainerSpec known = spec.container(container).orElse(null);
        if (known == null) {
            throw new InvalidPodSpecException(annotation, value, source + " has no container \"" + container + "\"");
        }
        Quantity cpu = known.resources().requests().get(ResourceName.CPU);
        if (exclusive && (cpu.signum() == 0 || !cpu.isWhole())) {
            throw new InvalidPodSpecException(
                    annotation,
                    value,
                    "container \"" + container + "\" requests " + cpu + " CPU; exclusive CPUs come whole, ask for "
                            + Math.max(1, cpu.value()));
        }
    }
}
