package io.podslice.deploy.policies;

import static io.podslice.managers.pod.PodAnnotations.DEVICES_PREFIX;
import static io.podslice.managers.pod.PodAnnotations.EXCLUSIVE_PREFIX;
import static io.podslice.managers.pod.PodAnnotations.ISOLATED_PREFIX;
import static io.podslice.managers.pod.PodAnnotations.MOST_BYTES;
import static io.podslice.managers.pod.PodAnnotations.POD_SPEC;
import static io.podslice.managers.pod.PodAnnotations.PREFIX;

import java.util.List;
import java.util.Map;

/** podslice's admission policies. */
final class Policies {
    /** The label of a namespace whose pods may have the annotations exclusive, isolated and devices, with the value {@code allowed}. */
    static final String KNOBS_LABEL = PREFIX + "knobs";

    /** The label of a namespace with the most CPUs for which one pod may ask by exclusive annotations: a whole number. */
    static final String EXCLUSIVE_LABEL = PREFIX + "exclusive-cpus";

    private static final int MOST_CONTAINERS = 128;
    private static final int MOST_DEVICES = 64;

    private static final String CORE = "";
    private static final String CREATE = "CREATE";
    private static final String ANNOTATIONS = "object.metadata.?annotations.orValue({})";
    private static final List<Match> NEW_PODS = List.of(new Match(CORE, List.of(CREATE), List.of("pods")));

    private static final Named ALL = new Named("annotations", ANNOTATIONS);
    private static final Named OWN =
            new Named("own", "variables.annotations.filter(k, k.startsWith('" + PREFIX + "'))");
    private static final Named CONTAINERS = new Named(
            "containers",
            "(has(object.spec.initContainers) ? object.spec.initContainers : []) + object.spec.containers");
    private static final Named SPEC = new Named("podSpec", PodSpecText.expression());

    /** The kubelet's mirror of a static pod: nothing is read from it, and its annotations are those of a file. */
    private static final String IS_MIRROR = "'kubernetes.io/config.mirror' in " + ANNOTATIONS;

    /** Only a node may make a mirror, so a tenant's pod does not get past by calling itself one. */
    private static final Named NO_MIRROR = new Named(
            "not-a-nodes-mirror-pod", "!(" + IS_MIRROR + " && request.userInfo.groups.exists(g, g == 'system:nodes'))");

    private Policies() {}

    /** Returns the policies that can be objects of the API, in the order in which they are applied. */
    static List<Policy> all() {
        return List.of(podSpec(), forged(), knobs(), unchanged());
    }

    /**
     * Writes the annotation of a pod that has pod-level resources or one of podslice's annotations. Other pods ask
     * nothing of podslice, and one with this annotation would.
     */
    private static Policy podSpec() {
        return new Policy(
                "podslice-pod-spec",
                NEW_PODS,
                List.of(
                        new Named("not-a-mirror-pod", "!(" + IS_MIRROR + ")"),
                        new Named(
                                "asks-something-of-podslice",
                                "object.spec.?resources.orValue({}).size() > 0\n|| " + ANNOTATIONS
                                        + ".exists(k, k.startsWith('" + PREFIX + "'))"),
                        new Named(
                                "no-more-containers-than-podslice-reads",
                                "(has(object.spec.initContainers) ? object.spec.initContainers.size() : 0)"
                                        + "\n+ object.spec.containers.size() <= " + MOST_CONTAINERS)),
                List.of(SPEC),
                new Policy.Mutate(
                        "Object{metadata: Object.metadata{annotations: {\"" + POD_SPEC + "\": variables.podSpec}}}"));
    }

    /** Refuses a pod whose annotation is not the spec that the API server sees, byte for byte. */
    private static Policy forged() {
        return new Policy(
                "podslice-pod-spec-forged",
                NEW_PODS,
                List.of(NO_MIRROR, new Named("has-the-annotation", "'" + POD_SPEC + "' in " + ANNOTATIONS)),
                List.of(SPEC),
                new Policy.Validate(
                        List.of(new Validation(
                                "object.metadata.annotations['" + POD_SPEC + "'] == variables.podSpec",
                                "'the annotation " + POD_SPEC + " is not this pod\\'s spec; leave it out, the cluster"
                                        + " writes it. The spec is ' + variables.podSpec.substring(0,"
                                        + " variables.podSpec.size() < 2000 ? variables.podSpec.size() : 2000)")),
                        Map.of()));
    }

    /** Refuses annotations that podslice would refuse on the node, and those that the namespace may not have. */
    private static Policy knobs() {
        return new Policy(
                "podslice-annotations",
                NEW_PODS,
                List.of(
                        NO_MIRROR,
                        new Named(
                                "has-annotations-of-podslice",
                                ANNOTATIONS + ".exists(k, k.startsWith('" + PREFIX + "'))")),
                List.of(
                        ALL,
                        OWN,
                        new Named("knobs", "variables.own.filter(k, k != '" + POD_SPEC + "')"),
                        CONTAINERS,
                        new Named("unknown", """
                                variables.knobs.filter(k, !variables.containers.exists(c,
                                k == '%s' + c.name || k == '%s' + c.name || k == '%s' + c.name))""".formatted(EXCLUSIVE_PREFIX, DEVICES_PREFIX, ISOLATED_PREFIX)),
                        new Named("odd", """
                                variables.own.filter(k, (k.startsWith('%s') || k.startsWith('%s'))
                                && !(variables.annotations[k] in ['true', 'false']))""".formatted(EXCLUSIVE_PREFIX, ISOLATED_PREFIX)),
                        new Named("strange", """
                                variables.own.filter(k, k.startsWith('%s')
                                && (variables.annotations[k].split(',').size() > %d
                                || variables.annotations[k].split(',').exists(d, !(
                                d.trim().matches('^[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}[.][0-7]$')
                                || d.trim().matches('^/dev(/[A-Za-z0-9._:@+-]{1,64}){1,4}$')
                                && !d.trim().matches('/[.]{1,2}(/|$)')))))""".formatted(DEVICES_PREFIX, MOST_DEVICES)),
                        new Named("exclusive", """
                                variables.containers.filter(c,
                                variables.annotations[?('%s' + c.name)].orValue('') == 'true')""".formatted(EXCLUSIVE_PREFIX)),
                        new Named("broken", """
                                variables.exclusive.filter(c,
                                !quantity(c.?resources.requests.cpu.orValue('0')).isInteger()
                                || quantity(c.?resources.requests.cpu.orValue('0')).asInteger() < 1)"""),
                        new Named("labels", "namespaceObject.metadata.?labels.orValue({})"),
                        new Named("most", "variables.labels[?'" + EXCLUSIVE_LABEL + "'].orValue('1000000')"),
                        new Named(
                                "cpus",
                                "variables.exclusive.map(c, quantity(c.resources.requests.cpu).asInteger()).sum()")),
                new Policy.Validate(
                        List.of(
                                new Validation(
                                        "variables.own.map(k, size(bytes(k)) + size(bytes(variables.annotations[k]))).sum()"
                                                + " <= " + MOST_BYTES,
                                        "'podslice reads at most " + MOST_BYTES + " bytes of annotations of a pod'"),
                                new Validation(
                                        "variables.unknown.size() == 0",
                                        "'podslice has no annotation for a container of this pod that is called '"
                                                + " + variables.unknown.join(', ') + '; known: " + POD_SPEC + ", "
                                                + EXCLUSIVE_PREFIX + "<container>, " + ISOLATED_PREFIX + "<container>, " + DEVICES_PREFIX
                                                + "<container>'"),
                                new Validation(
                                        "variables.knobs.size() == 0 || variables.labels[?'" + KNOBS_LABEL
                                                + "'].orValue('') == 'allowed'",
                                        "'pods of the namespace ' + request.namespace + ' may not have ' +"
                                                + " variables.knobs.join(', ') + '; an administrator allows it with the"
                                                + " label " + KNOBS_LABEL + "=allowed on the namespace'"),
                                new Validation(
                                        "variables.odd.size() == 0",
                                        "variables.odd.join(', ') + ': must be \"true\" or \"false\"'"),
                                new Validation(
                                        "variables.strange.size() == 0",
                                        "variables.strange.join(', ') + ': must be at most " + MOST_DEVICES
                                                + " device files below /dev, such as /dev/dri/card1, or PCI addresses,"
                                                + " such as 0000:3b:00.0, separated by commas'"),
                                new Validation(
                                        "variables.broken.size() == 0",
                                        "'exclusive CPUs come whole; the CPU request is not a whole number of CPUs in '"
                                                + " + variables.broken.map(c, c.name).join(', ')"),
                                new Validation(
                                        "variables.most.matches('^[0-9]{1,7}$')",
                                        "'the label " + EXCLUSIVE_LABEL + " of the namespace must be a whole number of"
                                                + " CPUs, not ' + variables.most"),
                                new Validation(
                                        "variables.broken.size() > 0 || !variables.most.matches('^[0-9]{1,7}$')"
                                                + " || variables.cpus <= int(variables.most)",
                                        "'asks for ' + string(variables.cpus) + ' exclusive CPUs, above the ' +"
                                                + " variables.most + ' that the label " + EXCLUSIVE_LABEL
                                                + " of the namespace allows one pod'")),
                        Map.of()));
    }

    /**
     * Refuses changes of podslice's annotations, which take effect when a sandbox is made anew. A scheduler's binding may
     * carry annotations into a pod as well.
     */
    private static Policy unchanged() {
        return new Policy(
                "podslice-annotations-unchanged",
                List.of(
                        new Match(CORE, List.of("UPDATE"), List.of("pods", "pods/status")),
                        new Match(CORE, List.of(CREATE), List.of("pods/binding", "bindings"))),
                List.of(),
                List.of(
                        ALL,
                        new Named("before", "oldObject == null ? {} : oldObject.metadata.?annotations.orValue({})"),
                        new Named("changed", """
                                variables.annotations.filter(k, k.startsWith('%s')
                                && !(k in variables.before && variables.before[k] == variables.annotations[k]))
                                + variables.before.filter(k, k.startsWith('%s') && !(k in variables.annotations))""".formatted(PREFIX, PREFIX))),
                new Policy.Validate(
                        List.of(new Validation(
                                "variables.changed.size() == 0",
                                "'podslice\\'s annotations stay as they were when the pod was created; changed: ' +"
                                        + " variables.changed.join(', ')")),
                        Map.of()));
    }

    /**
     * Protects the policies of the API and their bindings; only of use as a static manifest, which the API cannot
     * remove. What leaves the spec and the label alone is let through.
     */
    static Policy protection() {
        List<String> resources = List.of(
                "validatingadmissionpolicies",
                "validatingadmissionpolicybindings",
                "mutatingadmissionpolicies",
                "mutatingadmissionpolicybindings");
        return new Policy(
                "podslice-protection",
                List.of(new Match("admissionregistration.k8s.io", List.of("UPDATE", "DELETE"), resources)),
                List.of(),
                List.of(),
                new Policy.Validate(
                        List.of(new Validation(
                                """
                                request.operation == 'UPDATE' && object.spec == oldObject.spec
                                && object.metadata.?labels['app.kubernetes.io/part-of'].orValue('') == 'podslice'""",
                                "request.name + ': is protected by podslice-protection.static.k8s.io, a static manifest"
                                        + " of the API server; take it out of staticManifestsDir first'")),
                        Policy.LABELS));
    }
}
