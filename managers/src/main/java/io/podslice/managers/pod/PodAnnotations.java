package io.podslice.managers.pod;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What a pod's annotations tell podslice.
 *
 * @param spec the pod's spec with the API server's defaults, checked; empty where the pod does not give one
 * @param exclusive by container name, whether it shall have exclusive CPUs whatever the rules say
 */
public record PodAnnotations(Optional<PodSpec> spec, Map<String, Boolean> exclusive) {
    /** Holds the pod's spec as JSON. */
    public static final String POD_SPEC = "podslice.io/pod-spec";

    /** Followed by a container's name: {@code true} or {@code false}. */
    public static final String EXCLUSIVE_PREFIX = "podslice.io/exclusive.";

    public PodAnnotations {
        exclusive = Map.copyOf(exclusive);
    }

    /**
     * Reads podslice's own annotations among the pod's.
     *
     * @throws InvalidPodSpecException naming annotation, path and value if one of them is malformed
     */
    public static PodAnnotations of(Map<String, String> annotations) {
        Optional<PodSpec> spec = spec(annotations);
        return new PodAnnotations(spec, exclusive(annotations, spec, POD_SPEC));
    }

    /**
     * The same for a pod whose spec is at hand, which says what the annotation says where there is one.
     *
     * @param spec with its defaults, checked
     * @throws InvalidPodSpecException as above, and if the annotation contradicts the spec
     */
    public static PodAnnotations of(Map<String, String> annotations, PodSpec spec) {
        Optional<PodSpec> annotated = spec(annotations);
        if (annotated.isPresent() && !isSame(annotated.get(), spec)) {
            throw new InvalidPodSpecException(
                    POD_SPEC, annotations.get(POD_SPEC), "says something else than the pod's own spec");
        }
        return new PodAnnotations(Optional.of(spec), exclusive(annotations, Optional.of(spec), "the pod"));
    }

    /** The order counts among containers of one list of the spec. */
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

    private static Map<String, Boolean> exclusive(
            Map<String, String> annotations, Optional<PodSpec> spec, String source) {
        Map<String, Boolean> exclusive = new LinkedHashMap<>();
        for (Map.Entry<String, String> annotation : new TreeMap<>(annotations).entrySet()) {
            if (annotation.getKey().startsWith(EXCLUSIVE_PREFIX)) {
                String container = annotation.getKey().substring(EXCLUSIVE_PREFIX.length());
                boolean knob = knob(annotation.getKey(), container, annotation.getValue());
                spec.ifPresent(known ->
                        checkKnown(annotation.getKey(), container, annotation.getValue(), knob, known, source));
                exclusive.put(container, knob);
            }
        }
        return exclusive;
    }

    /** Whether the annotations ask anything of podslice. */
    public boolean asksAnything() {
        return spec.isPresent() || !exclusive.isEmpty();
    }

    private static PodSpec checked(String json) {
        PodSpec spec = PodSpecDefaults.apply(PodSpecReader.read(json, POD_SPEC));
        PodSpecValidation.check(spec, PodSpecFields.inAnnotation(POD_SPEC));
        return spec;
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
