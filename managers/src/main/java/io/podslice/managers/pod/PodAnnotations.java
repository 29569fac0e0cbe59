package io.podslice.managers.pod;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

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
        String json = annotations.get(POD_SPEC);
        Optional<PodSpec> spec = json == null ? Optional.empty() : Optional.of(checked(json));
        Map<String, Boolean> exclusive = new LinkedHashMap<>();
        for (Map.Entry<String, String> annotation : new TreeMap<>(annotations).entrySet()) {
            if (annotation.getKey().startsWith(EXCLUSIVE_PREFIX)) {
                String container = annotation.getKey().substring(EXCLUSIVE_PREFIX.length());
                exclusive.put(container, knob(annotation.getKey(), container, annotation.getValue(), spec));
            }
        }
        return new PodAnnotations(spec, exclusive);
    }

    /** Whether the annotations ask anything of podslice. */
    public boolean asksAnything() {
        return spec.isPresent() || !exclusive.isEmpty();
    }

    private static PodSpec checked(String json) {
        PodSpec spec = PodSpecDefaults.apply(PodSpecReader.read(json, POD_SPEC));
        PodSpecValidation.check(spec, POD_SPEC);
        return spec;
    }

    private static boolean knob(String annotation, String container, String value, Optional<PodSpec> spec) {
        if (container.isEmpty()) {
            throw new InvalidPodSpecException(annotation, value, "the annotation must end with a container's name");
        }
        boolean exclusive = switch (value) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new InvalidPodSpecException(annotation, value, "must be \"true\" or \"false\"");
        };
        if (spec.isPresent()) {
            checkKnown(annotation, container, value, exclusive, spec.get());
        }
        return exclusive;
    }

    private static void checkKnown(String annotation, String container, String value, boolean exclusive, PodSpec spec) {
        ContainerSpec known = spec.container(container).orElse(null);
        if (known == null) {
            throw new InvalidPodSpecException(annotation, value, POD_SPEC + " has no container \"" + container + "\"");
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
