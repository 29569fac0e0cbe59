package io.podslice.managers.pod;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a pod's annotations tell podslice.
 *
 * @param spec the pod's spec with the API server's defaults, checked; empty where the pod does not give one
 * @param exclusive by container name, whether it shall have exclusive CPUs whatever the rules say
 * @param devices by container name, the devices to align it with: device files or PCI addresses
 */
public record PodAnnotations(
        Optional<PodSpec> spec, Map<String, Boolean> exclusive, Map<String, List<String>> devices) {
    /** Holds the pod's spec as JSON. */
    public static final String POD_SPEC = "podslice.io/pod-spec";

    /** Followed by a container's name: {@code true} or {@code false}. */
    public static final String EXCLUSIVE_PREFIX = "podslice.io/exclusive.";

    /**
     * Followed by a container's name: device files or PCI addresses, separated by commas. CRI tells of a container's
     * devices only when the pod is placed already.
     */
    public static final String DEVICES_PREFIX = "podslice.io/devices.";

    public PodAnnotations {
        exclusive = Map.copyOf(exclusive);
        devices = Map.copyOf(devices);
    }

    /** Whether an annotation of that name is podslice's. */
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
        String json = annotations.get(POD_SPEC);
        Optional<PodSpec> spec = json == null ? Optional.empty() : Optional.of(checked(json));
        Map<String, Boolean> exclusive = new LinkedHashMap<>();
        Map<String, List<String>> devices = new LinkedHashMap<>();
        for (Map.Entry<String, String> annotation : new TreeMap<>(annotations).entrySet()) {
            String key = annotation.getKey();
            if (key.startsWith(EXCLUSIVE_PREFIX)) {
                String container = key.substring(EXCLUSIVE_PREFIX.length());
                exclusive.put(container, knob(key, container, annotation.getValue(), spec));
            }
            if (key.startsWith(DEVICES_PREFIX)) {
                String container = key.substring(DEVICES_PREFIX.length());
                devices.put(container, devices(key, container, annotation.getValue(), spec));
            }
        }
        return new PodAnnotations(spec, exclusive, devices);
    }

    /** Whether the annotations ask anything of podslice. */
    public boolean asksAnything() {
        return spec.isPresent() || !exclusive.isEmpty() || !devices.isEmpty();
    }

    private static PodSpec checked(String json) {
        PodSpec spec = PodSpecDefaults.apply(PodSpecReader.read(json, POD_SPEC));
        PodSpecValidation.check(spec, POD_SPEC);
        return spec;
    }

    private static List<String> devices(String annotation, String container, String value, Optional<PodSpec> spec) {
        if (spec.isEmpty()) {
            throw new InvalidPodSpecException(annotation, value, "needs " + POD_SPEC + " beside it");
        }
        if (spec.get().container(container).isEmpty()) {
            throw new InvalidPodSpecException(annotation, value, POD_SPEC + " has no container \"" + container + "\"");
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
