package io.podslice.agent.config;

import io.podslice.agent.yaml.YamlNode;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The values of a configuration file as they were written, by the paths that remarks name.
 *
 * @param byPath each scalar's text; a mapping or list that is empty has an empty text
 */
record RawValues(SortedMap<String, String> byPath) {
    static final RawValues NONE = new RawValues(new TreeMap<>());

    /** Collects the values below a node; none where there is no node. */
    static RawValues of(@Nullable YamlNode root) {
        SortedMap<String, String> found = new TreeMap<>();
        if (root != null) {
            collect(root, "", found);
        }
        return new RawValues(found);
    }

    private static void collect(YamlNode node, String path, Map<String, String> found) {
        switch (node) {
            case YamlNode.Scalar scalar -> found.put(path, scalar.text());
            case YamlNode.Sequence list -> {
                found.put(path, "");
                for (int i = 0; i < list.items().size(); i++) {
                    collect(list.items().get(i), path + "[" + i + "]", found);
                }
            }
            case YamlNode.Mapping mapping -> {
                found.put(path, "");
                for (YamlNode.Entry entry : mapping.entries()) {
                    collect(entry.value(), path.isEmpty() ? entry.key() : path + "." + entry.key(), found);
                }
            }
        }
    }

    /** Tells if a field, with all below it, is written alike in both; one that neither has is. */
    boolean isUnchanged(String field, RawValues other) {
        return below(field).equals(other.below(field));
    }

    private SortedMap<String, String> below(String field) {
        SortedMap<String, String> found = new TreeMap<>();
        byPath.tailMap(field).forEach((path, text) -> {
            if (path.equals(field) || path.startsWith(field + ".") || path.startsWith(field + "[") || field.isEmpty()) {
                found.put(path, text);
            }
        });
        return found;
    }
}
