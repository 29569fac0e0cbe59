package io.podslice.managers.pod;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The contents of a pod's annotations for podslice.
 *
 * @param spec the pod's spec with the API server's defaults, checked; empty where the pod does not give one
 * @param exclusive by container name, true for exclusive CPUs and false for shared ones, whatever the rules say
 * @param devices by container name, the devices to align it with: device files or PCI addresses
 * @param isolated names of containers whose exclusive CPUs the kernel must not balance load among
 */
public record PodAnnotations(
        Optional<PodSpec> spec,
        Map<String, Boolean> exclusive,
        Map<String, List<String>> devices,
        Set<String> isolated) {
    /** The beginning of every annotation that is podslice's. */
    public static final String PREFIX = "podslice.io/";

    /** The annotation that holds the pod's spec as JSON. */
    public static final String POD_SPEC = PREFIX + "pod-spec";

    /** The prefix of an annotation that ends with a container's name and holds {@code true} or {@code false}. */
    public static final String EXCLUSIVE_PREFIX = PREFIX + "exclusive.";

    /**
     * The most bytes, in UTF-8, of names and values of a pod's annotations for podslice: a spec of 128 containers fits,
     * and reading them takes no time that another pod would notice.
     */
    public static final int MOST_BYTES = 32 * 1024;

    /**
     * The prefix of an annotation that ends with a container's name and holds device files or PCI addresses, separated
     * by commas. CRI tells of a container's devices only when the pod is placed already.
     */
    public static final String DEVICES_PREFIX = PREFIX + "devices.";

    /**
     * The prefix of an annotation that ends with a container's name and holds {@code true} or {@code false}: an isolated
     * cpuset partition, without load balancing, in place of a root one.
     */
    public static final String ISOLATED_PREFIX = PREFIX + "isolated.";

    private static final int MOST_DEVICES = 64;

    public PodAnnotations {
        exclusive = Map.copyOf(exclusive);
        devices = Map.copyOf(devices);
        isolated = Set.copyOf(isolated);
    }

    /** The annotations of a pod that asks for no isolated container. */
    public PodAnnotations(Optional<PodSpec> spec, Map<String, Boolean> exclusive, Map<String, List<String>> devices) {
        this(spec, exclusive, devices, Set.of());
    }

    /** Tells if a container asks for an isolated partition, by annotations that were read before. */
    public static boolean isolated(Map<String, String> annotations, String container) {
        return Boolean.parseBoolean(annotations.get(ISOLATED_PREFIX + container));
    }

    /** Tells if an annotation of that name is podslice's, be it one that podslice knows or one that it refuses. */
    public static boolean isOwn(String annotation) {
        return annotation.startsWith(PREFIX);
    }

    /**
     * Reads podslice's own annotations among the pod's.
     *
     * @throws InvalidPodSpecException naming annotation, path and value if one of them is malformed
     */
    public static PodAnnotations of(Map<String, String> annotations) {
        checkNamesAndSize(annotations);
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
        checkNamesAndSize(annotations);
        Optional<PodSpec> annotated = spec(annotations);
        if (annotated.isPresent() && !isSame(annotated.get(), spec)) {
            throw new InvalidPodSpecException(POD_SPEC, annotations.get(POD_SPEC), "contradicts the pod's own spec");
        }
        return of(annotations, Optional.of(spec), "the pod");
    }

    private static void checkNamesAndSize(Map<String, String> annotations) {
        long bytes = 0;
        for (Map.Entry<String, String> annotation : annotations.entrySet()) {
            if (!isOwn(annotation.getKey())) {
                continue;
            }
            bytes += utf8Bytes(annotation.getKey()) + utf8Bytes(annotation.getValue());
            if (bytes > MOST_BYTES) {
                throw new InvalidPodSpecException(
                        PREFIX + "*",
                        annotation.getKey(),
                        "podslice reads at most " + MOST_BYTES + " bytes of annotations of a pod");
            }
        }
        for (Map.Entry<String, String> annotation : new TreeMap<>(annotations).entrySet()) {
            if (isOwn(annotation.getKey())) {
                AnnotationNames.check(annotation.getKey(), annotation.getValue());
            }
        }
    }

    /**
     * Reads podslice's own annotations of a pod that the cluster describes: containers and their requests are those of the
     * cluster's spec, and the annotation's spec, which may contradict it, is returned as it is.
     *
     * @param described the cluster's spec with its defaults, validated
     * @throws InvalidPodSpecException naming annotation, path and value if one of them is malformed, or asks something for
     *     a container that the cluster's spec has not
     */
    public static PodAnnotations beside(PodSpec described, Map<String, String> annotations) {
        checkNamesAndSize(annotations);
        PodAnnotations choices = of(annotations, Optional.of(described), "the pod");
        return new PodAnnotations(spec(annotations), choices.exclusive(), choices.devices(), choices.isolated());
    }

    /**
     * Reads podslice's own annotations of a pod that the cluster may describe and at the moment does not: devices need no
     * spec in an annotation beside them.
     *
     * @throws InvalidPodSpecException naming annotation, path and value if one of them is malformed
     */
    public static PodAnnotations undescribed(Map<String, String> annotations) {
        checkNamesAndSize(annotations);
        return of(annotations, spec(annotations), POD_SPEC, false);
    }

    /** Tells if two specs describe one pod; the order counts among containers of one list of the spec. */
    public static boolean agree(PodSpec one, PodSpec other) {
        return isSame(one, other);
    }

    /**
     * Returns the annotation about a container's exclusive CPUs, of annotations that were read before; null where there is
     * none.
     */
    public static @Nullable Boolean exclusive(Map<String, String> annotations, String container) {
        String value = annotations.get(EXCLUSIVE_PREFIX + container);
        return value == null ? null : Boolean.valueOf(value);
    }

    /** Counts bytes in UTF-8 without making them; an unpaired surrogate counts as the three bytes of U+FFFD. */
    private static long utf8Bytes(String text) {
        long bytes = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            // Each half of a surrogate pair counts for two of the pair's four bytes.
            bytes += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
        }
        return bytes;
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
        return of(annotations, spec, source, true);
    }

    private static PodAnnotations of(
            Map<String, String> annotations, Optional<PodSpec> spec, String source, boolean devicesNeedSpec) {
        Map<String, Boolean> exclusive = new LinkedHashMap<>();
        Map<String, List<String>> devices = new LinkedHashMap<>();
        Set<String> isolated = new LinkedHashSet<>();
        for (Map.Entry<String, String> annotation : new TreeMap<>(annotations).entrySet()) {
            String key = annotation.getKey();
            if (key.startsWith(EXCLUSIVE_PREFIX)) {
                String container = key.substring(EXCLUSIVE_PREFIX.length());
                boolean knob = knob(key, annotation.getValue());
                spec.ifPresent(known -> checkKnown(key, container, annotation.getValue(), knob, known, source));
                exclusive.put(container, knob);
            }
            if (key.startsWith(DEVICES_PREFIX)) {
                String container = key.substring(DEVICES_PREFIX.length());
                if (devicesNeedSpec || spec.isPresent()) {
                    checkHasContainer(key, container, annotation.getValue(), spec, source);
                }
                devices.put(container, devices(key, annotation.getValue()));
            }
            if (key.startsWith(ISOLATED_PREFIX)) {
                String container = key.substring(ISOLATED_PREFIX.length());
                boolean knob = knob(key, annotation.getValue());
                if (spec.isPresent()) {
                    checkHasContainer(key, container, annotation.getValue(), spec, source);
                }
                if (knob) {
                    isolated.add(container);
                }
            }
        }
        return new PodAnnotations(spec, exclusive, devices, isolated);
    }

    /** Tells if the annotations ask anything of podslice. */
    public boolean asksAnything() {
        return spec.isPresent() || !exclusive.isEmpty() || !devices.isEmpty() || !isolated.isEmpty();
    }

    private static PodSpec checked(String json) {
        PodSpec spec = PodSpecDefaults.apply(PodSpecReader.read(json, POD_SPEC));
        PodSpecValidation.check(spec, PodSpecFields.inAnnotation(POD_SPEC));
        return spec;
    }

    private static void checkHasContainer(
            String annotation, String container, String value, Optional<PodSpec> spec, String source) {
        if (spec.isEmpty()) {
            throw new InvalidPodSpecException(annotation, value, "needs " + POD_SPEC + " beside it");
        }
        if (spec.get().container(container).isEmpty()) {
            throw new InvalidPodSpecException(annotation, value, source + " has no container \"" + container + "\"");
        }
    }

    private static List<String> devices(String annotation, String value) {
        List<String> devices = new ArrayList<>();
        for (String device : value.split(",", -1)) {
            String name = device.strip();
            if (!DeviceName.isFile(name) && !DeviceName.isPciAddress(name)) {
                throw new InvalidPodSpecException(
                        annotation,
                        value,
                        "must be device files below /dev, such as /dev/dri/card1, or PCI addresses, such as"
                                + " 0000:3b:00.0, separated by commas");
            }
            if (devices.size() == MOST_DEVICES) {
                throw new InvalidPodSpecException(
                        annotation, value, "must be at most " + MOST_DEVICES + " devices of a container");
            }
            devices.add(name);
        }
        return List.copyOf(devices);
    }

    private static boolean knob(String annotation, String value) {
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
