package io.podslice.deploy.policies;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A named expression of a policy: a variable, or a condition under which the policy applies.
 *
 * @param name a CEL identifier, or a condition's name
 * @param expression in the API server's CEL
 */
record Named(String name, String expression) {

    /** Returns the object as the API writes it. */
    Map<String, Object> tree() {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("name", name);
        tree.put("expression", expression);
        return tree;
    }
}
