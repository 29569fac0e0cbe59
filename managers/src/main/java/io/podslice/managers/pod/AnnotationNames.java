package io.podslice.managers.pod;

import java.util.List;
import java.util.Optional;

/**
 * The names of podslice's annotations. A name that podslice does not know is refused, as one that is misspelt would else
 * be ignored and its pod run without what it asked for.
 */
final class AnnotationNames {
    private static final List<String> KNOBS = List.of("exclusive", "devices", "isolated");
    private static final String SPEC = PodAnnotations.POD_SPEC.substring(PodAnnotations.PREFIX.length());

    private AnnotationNames() {}

    /**
     * Checks the name of an annotation that begins with {@link PodAnnotations#PREFIX}.
     *
     * @throws InvalidPodSpecException with the name that was most likely meant if podslice has no such annotation, or the
     *     name does not end with what can be a container's name
     */
    static void check(String annotation, String value) {
        if (annotation.equals(PodAnnotations.POD_SPEC)) {
            return;
        }
        for (String prefix : List.of(
                PodAnnotations.EXCLUSIVE_PREFIX, PodAnnotations.DEVICES_PREFIX, PodAnnotations.ISOLATED_PREFIX)) {
            if (annotation.startsWith(prefix)) {
                checkContainer(annotation, annotation.substring(prefix.length()), value);
                return;
            }
        }
        throw new InvalidPodSpecException(
                annotation,
                value,
                "no such annotation"
                        + guess(annotation)
                                .map(guess -> "; did you mean " + guess + "?")
                                .orElse("; known: " + PodAnnotations.POD_SPEC + ", " + PodAnnotations.EXCLUSIVE_PREFIX
                                        + "<container>, " + PodAnnotations.DEVICES_PREFIX + "<container>, "
                                        + PodAnnotations.ISOLATED_PREFIX + "<container>"));
    }

    private static void checkContainer(String annotation, String container, String value) {
        if (container.isEmpty()) {
            throw new InvalidPodSpecException(annotation, value, "the annotation must end with a container's name");
        }
        try {
            DnsLabel.check(container);
        } catch (IllegalArgumentException e) {
            throw new InvalidPodSpecException(
                    annotation, value, "the annotation must end with a container's name: " + e.getMessage());
        }
    }

    private static Optional<String> guess(String annotation) {
        String name = annotation.substring(PodAnnotations.PREFIX.length());
        if (name.length() > 128) {
            return Optional.empty();
        }
        int point = name.indexOf('.');
        if (point < 0) {
            return Spelling.closest(name, List.of(SPEC))
                    .or(() -> Spelling.closest(name, KNOBS).map(knob -> knob + ".<container>"))
                    .map(PodAnnotations.PREFIX::concat);
        }
        return Spelling.closest(name.substring(0, point), KNOBS)
                .map(knob -> PodAnnotations.PREFIX + knob + name.substring(point));
    }
}
