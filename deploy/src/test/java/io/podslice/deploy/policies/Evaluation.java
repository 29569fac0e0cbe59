package io.podslice.deploy.policies;

import dev.cel.bundle.Cel;
import dev.cel.bundle.CelFactory;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOptions;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.CelValidationException;
import dev.cel.common.types.ListType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.values.NullValue;
import dev.cel.extensions.CelExtensions;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelFunctionBinding;
import io.podslice.managers.pod.Quantity;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The policies' expressions, run as the API server runs them. Its functions of quantities and its sum of a list, which
 * CEL does not have, are made here from podslice's own reader of quantities.
 */
final class Evaluation {
    private static final Cel CEL = CelFactory.legacyCelBuilder()
            .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
            .setOptions(CelOptions.DEFAULT)
            .addCompilerLibraries(CelExtensions.optional(), CelExtensions.strings(), CelExtensions.lists())
            .addRuntimeLibraries(CelExtensions.optional(), CelExtensions.strings(), CelExtensions.lists())
            .addVar("object", SimpleType.DYN)
            .addVar("oldObject", SimpleType.DYN)
            .addVar("namespaceObject", SimpleType.DYN)
            .addVar("request", SimpleType.DYN)
            .addVar("variables", SimpleType.DYN)
            .addFunctionDeclarations(
                    CelFunctionDecl.newFunctionDeclaration(
                            "quantity",
                            CelOverloadDecl.newGlobalOverload("quantity_string", SimpleType.DYN, SimpleType.STRING)),
                    CelFunctionDecl.newFunctionDeclaration(
                            "isInteger",
                            CelOverloadDecl.newMemberOverload("is_integer", SimpleType.BOOL, SimpleType.DYN)),
                    CelFunctionDecl.newFunctionDeclaration(
                            "asInteger",
                            CelOverloadDecl.newMemberOverload("as_integer", SimpleType.INT, SimpleType.DYN)),
                    CelFunctionDecl.newFunctionDeclaration(
                            "sum",
                            CelOverloadDecl.newMemberOverload(
                                    "list_sum", SimpleType.INT, ListType.create(SimpleType.INT))))
            .addFunctionBindings(
                    CelFunctionBinding.from("quantity_string", String.class, text -> text),
                    CelFunctionBinding.from(
                            "is_integer",
                            String.class,
                            text -> Quantity.parse(text).isWhole()),
                    CelFunctionBinding.from(
                            "as_integer",
                            String.class,
                            text -> Quantity.parse(text).value()),
                    CelFunctionBinding.from("list_sum", List.class, list -> {
                        long sum = 0;
                        for (Object number : list) {
                            sum += (Long) number;
                        }
                        return sum;
                    }))
            .build();

    private final Policy policy;
    private final Map<String, Object> inputs;

    private Evaluation(Policy policy, Map<String, Object> inputs) {
        this.policy = policy;
        this.inputs = new HashMap<>(inputs);
        this.inputs.replaceAll((_, value) -> value == null ? NullValue.NULL_VALUE : value);
        this.inputs.put("variables", new Variables());
    }

    /**
     * Evaluates a policy for one request.
     *
     * @param request {@code object}, {@code oldObject}, {@code namespaceObject} and {@code request}
     */
    static Evaluation of(Policy policy, Map<String, Object> request) {
        return new Evaluation(policy, request);
    }

    /** Tells if all conditions of the policy hold. */
    boolean applies() {
        return policy.conditions().stream().allMatch(condition -> (Boolean) value(condition.expression()));
    }

    /** Returns a variable's value. */
    Object variable(String name) {
        return value(policy.variable(name));
    }

    /** Returns what a validating policy says against the request: the messages of the rules that do not hold. */
    List<String> objections() {
        if (!applies()) {
            return List.of();
        }
        List<String> messages = new ArrayList<>();
        for (Validation validation : ((Policy.Validate) policy.work()).validations()) {
            if (!(Boolean) value(validation.expression())) {
                messages.add((String) value(validation.message()));
            }
        }
        return messages;
    }

    private Object value(String expression) {
        try {
            return CEL.createProgram(CEL.compile(expression).getAst()).eval(inputs);
        } catch (CelValidationException | CelEvaluationException e) {
            throw new AssertionError(policy.name() + ": " + expression + ": " + e.getMessage(), e);
        }
    }

    /** The variables, each evaluated where it is used, as in the API server. */
    private final class Variables extends AbstractMap<String, Object> {
        @Override
        public boolean containsKey(Object name) {
            return policy.variables().stream()
                    .anyMatch(variable -> variable.name().equals(name));
        }

        @Override
        public Object get(Object name) {
            return variable((String) name);
        }

        @Override
        public Set<Entry<String, Object>> entrySet() {
            throw new UnsupportedOperationException("policies use variables by name");
        }
    }
}
