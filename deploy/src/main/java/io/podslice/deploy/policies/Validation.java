package io.podslice.deploy.policies;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A rule of a validating policy.
 *
 * @param expression true where the object is good
 * @param message the expression of the text that says what is wrong with it, at most 5 KiB
 */
record Validation(String expression, String message) {

    /** Returns the object as the API writes it. */
    Map<String, Object> tree() {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("expression", expression);
        tree.put("messageExpression", message);
        tree.put("reason", "Forbidden");
        return tree;
    }
}
