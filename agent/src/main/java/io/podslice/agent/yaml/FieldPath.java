package io.podslice.agent.yaml;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds fields by their paths, e.g. {@code spec.containers[0].resources.limits[cpu]}. */
public final class FieldPath {
    private FieldPath() {}

    /**
     * Returns the place of a field; of a field that is not there, the place of the innermost field on its path that is.
     */
    public static Mark mark(YamlNode root, String path) {
        YamlNode node = root;
        Mark mark = root.mark();
        for (String step : steps(path)) {
            switch (node) {
                case YamlNode.Mapping mapping -> {
                    YamlNode.Entry entry = entry(mapping, step);
                    if (entry == null) {
                        return mark;
                    }
                    node = entry.value();
                    mark = entry.mark();
                }
                case YamlNode.Sequence list -> {
                    if (!step.matches("[0-9]{1,6}")
                            || Integer.parseInt(step) >= list.items().size()) {
                        return mark;
                    }
                    node = list.items().get(Integer.parseInt(step));
                    mark = node.mark();
                }
                case YamlNode.Scalar scalar -> {
                    return mark;
                }
            }
        }
        return mark;
    }

    private static YamlNode.@Nullable Entry entry(YamlNode.Mapping mapping, String key) {
        for (YamlNode.Entry entry : mapping.entries()) {
            if (entry.key().equals(key)) {
                return entry;
            }
        }
        return null;
    }

    private static List<String> steps(String path) {
        List<String> steps = new ArrayList<>();
        StringBuilder step = new StringBuilder();
        boolean inBrackets = false;
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            boolean ends = inBrackets ? c == ']' : c == '.' || c == '[';
            if (!ends) {
                step.append(c);
                continue;
            }
            if (!step.isEmpty()) {
                steps.add(step.toString());
                step.setLength(0);
            }
            inBrackets = c == '[';
        }
        if (!step.isEmpty()) {
            steps.add(step.toString());
        }
        return steps;
    }
}
