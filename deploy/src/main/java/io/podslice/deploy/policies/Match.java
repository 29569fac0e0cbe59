package io.podslice.deploy.policies;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A group of requests that a policy looks at.
 *
 * @param group the API group; empty for the core group
 * @param operations CREATE, UPDATE, DELETE
 * @param resources plural names, with a subresource after a slash
 */
record Match(String group, List<String> operations, List<String> resources) {

    Match {
        operations = List.copyOf(operations);
        resources = List.copyOf(resources);
    }

    /** Returns the rule as the API writes it. */
    Map<String, Object> tree() {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("apiGroups", List.of(group));
        tree.put("apiVersions", List.of("v1"));
        tree.put("operations", operations);
        tree.put("resources", resources);
        return tree;
    }
}
