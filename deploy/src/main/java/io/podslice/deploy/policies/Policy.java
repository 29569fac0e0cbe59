package io.podslice.deploy.policies;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An admission policy with its binding, in {@code admissionregistration.k8s.io/v1}.
 *
 * @param name the name of both
 * @param matches the requests that it looks at
 * @param conditions all of which must hold for it to apply
 * @param variables in the order in which they use each other
 * @param work what it does
 */
record Policy(String name, List<Match> matches, List<Named> conditions, List<Named> variables, Work work) {
    /** The label that every object of these policies has, by which they are protected. */
    static final Map<String, Object> LABELS = Map.of("app.kubernetes.io/part-of", "podslice");

    private static final String VERSION = "admissionregistration.k8s.io/v1";

    Policy {
        matches = List.copyOf(matches);
        conditions = List.copyOf(conditions);
        variables = List.copyOf(variables);
    }

    /** The work of a policy. */
    sealed interface Work {}

    /**
     * Changes the object; a failure leaves it as it is, so that no failure of the policy keeps a pod out.
     *
     * @param expression the fields to set, as an {@code Object} in CEL
     */
    record Mutate(String expression) implements Work {}

    /**
     * Refuses the request unless every rule holds, and where a rule fails to be evaluated.
     *
     * @param labelled the label of the objects that are looked at; empty for all
     */
    record Validate(List<Validation> validations, Map<String, Object> labelled) implements Work {
        Validate {
            validations = List.copyOf(validations);
            labelled = Map.copyOf(labelled);
        }
    }

    /** Tells if it belongs to the plugin MutatingAdmissionPolicy. */
    boolean isMutating() {
        return work instanceof Mutate;
    }

    /** Returns the name of a variable's expression. */
    String variable(String variable) {
        return variables.stream()
                .filter(named -> named.name().equals(variable))
                .findFirst()
                .orElseThrow()
                .expression();
    }

    /**
     * Returns the policy and its binding.
     *
     * @param suffix follows each name: empty, or what names of static manifests end with
     * @param namespaces the selector of the namespaces that the binding holds for; empty for all requests
     */
    List<Map<String, Object>> trees(String suffix, Map<String, Object> namespaces) {
        String kind = isMutating() ? "MutatingAdmissionPolicy" : "ValidatingAdmissionPolicy";
        Map<String, Object> binding = new LinkedHashMap<>();
        binding.put("policyName", name + suffix);
        if (!isMutating()) {
            binding.put("validationActions", List.of("Deny"));
        }
        if (!namespaces.isEmpty()) {
            binding.put("matchResources", Map.of("namespaceSelector", namespaces));
        }
        return List.of(object(kind, suffix, spec()), object(kind + "Binding", suffix, binding));
    }

    private Map<String, Object> object(String kind, String suffix, Map<String, Object> spec) {
        Map<String, Object> metadata = new LinkedHashMap<>();
        metadata.put("name", name + suffix);
        metadata.put("labels", LABELS);
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("apiVersion", VERSION);
        object.put("kind", kind);
        object.put("metadata", metadata);
        object.put("spec", spec);
        return object;
    }

    private Map<String, Object> spec() {
        Map<String, Object> constraints = new LinkedHashMap<>();
        constraints.put("resourceRules", matches.stream().map(Match::tree).toList());
        Map<String, Object> spec = new LinkedHashMap<>();
        spec.put("failurePolicy", isMutating() ? "Ignore" : "Fail");
        switch (work) {
            case Mutate _ ->
                // A webhook after it may add containers, and is followed by another call of the policy.
                spec.put("reinvocationPolicy", "IfNeeded");
            case Validate validate -> {
                if (!validate.labelled().isEmpty()) {
                    constraints.put("objectSelector", Map.of("matchLabels", validate.labelled()));
                }
            }
        }
        spec.put("matchConstraints", constraints);
        put(spec, "matchConditions", conditions);
        put(spec, "variables", variables);
        switch (work) {
            case Mutate mutate -> spec.put("mutations", List.of(mutation(mutate)));
            case Validate validate ->
                spec.put(
                        "validations",
                        validate.validations().stream().map(Validation::tree).toList());
        }
        return spec;
    }

    private static Map<String, Object> mutation(Mutate mutate) {
        Map<String, Object> mutation = new LinkedHashMap<>();
        mutation.put("patchType", "ApplyConfiguration");
        mutation.put("applyConfiguration", Map.of("expression", mutate.expression()));
        return mutation;
    }

    private static void put(Map<String, Object> spec, String key, List<Named> named) {
        if (!named.isEmpty()) {
            spec.put(key, named.stream().map(Named::tree).toList());
        }
    }
}
