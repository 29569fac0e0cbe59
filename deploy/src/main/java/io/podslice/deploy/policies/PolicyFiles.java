package io.podslice.deploy.policies;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;
import tools.jackson.dataformat.yaml.YAMLWriteFeature;

/**
 * The files of {@code deploy/policies}: each policy with its binding as objects of the API, and its twin for the API
 * server's {@code staticManifestsDir}, which has one folder for each of the two plugins.
 */
public final class PolicyFiles {
    private static final String SUFFIX = ".static.k8s.io";

    /** The control plane's own namespace must not depend on podslice's policies. */
    private static final Map<String, Object> NAMESPACES = Map.of(
            "matchExpressions",
            List.of(ordered(
                    "key", "kubernetes.io/metadata.name", "operator", "NotIn", "values", List.of("kube-system"))));

    private static final ObjectMapper YAML = YAMLMapper.builder()
            .enable(YAMLWriteFeature.LITERAL_BLOCK_STYLE)
            .enable(YAMLWriteFeature.MINIMIZE_QUOTES)
            .disable(YAMLWriteFeature.SPLIT_LINES)
            .disable(YAMLWriteFeature.WRITE_DOC_START_MARKER)
            .build();

    private PolicyFiles() {}

    /** Returns the text of each file by its path below {@code deploy/policies}. */
    public static Map<String, String> all() {
        Map<String, String> files = new LinkedHashMap<>();
        for (Policy policy : Policies.all()) {
            files.put(policy.name() + ".yaml", text(policy.trees("", NAMESPACES)));
            files.put(path(policy), text(policy.trees(SUFFIX, NAMESPACES)));
        }
        Policy protection = Policies.protection();
        files.put(path(protection), text(protection.trees(SUFFIX, Map.of())));
        return files;
    }

    private static String path(Policy policy) {
        return "static/" + (policy.isMutating() ? "mutating/" : "validating/") + policy.name() + ".yaml";
    }

    private static String text(List<Map<String, Object>> objects) {
        List<String> documents = new ArrayList<>();
        objects.forEach(object -> documents.add(YAML.writeValueAsString(object)));
        return "# Made by io.podslice.deploy.policies; deploy/policies/README.md says what it does.\n"
                + String.join("---\n", documents);
    }

    private static Map<String, Object> ordered(Object... pairs) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            map.put((String) pairs[i], pairs[i + 1]);
        }
        return map;
    }
}
