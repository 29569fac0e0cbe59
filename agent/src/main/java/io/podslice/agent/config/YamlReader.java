package io.podslice.agent.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.dataformat.yaml.YAMLFactory;
import tools.jackson.dataformat.yaml.YAMLParser;

/** Reads one YAML document into a tree. Aliases and second documents are refused. */
final class YamlReader {
    private final YAMLParser parser;
    private final List<Remark> errors;

    private YamlReader(YAMLParser parser, List<Remark> errors) {
        this.parser = parser;
        this.errors = errors;
    }

    /** The tree; null where there is none: the document is empty, or broken, and then the errors say where. */
    static @Nullable YamlNode read(String text, List<Remark> errors) {
        try (YAMLParser parser = (YAMLParser) new YAMLFactory().createParser(ObjectReadContext.empty(), text)) {
            return new YamlReader(parser, errors).document();
        } catch (JacksonException e) {
            errors.add(notYaml(e));
            return null;
        }
    }

    private @Nullable YamlNode document() {
        JsonToken token = parser.nextToken();
        if (token == null) {
            return null;
        }
        YamlNode root = node(token, "");
        if (parser.nextToken() != null) {
            errors.add(new Remark(here(), "", "a second YAML document: a configuration is one"));
        }
        return root;
    }

    private YamlNode node(JsonToken token, String path) {
        Mark mark = here();
        return switch (token) {
            case START_OBJECT -> mapping(mark, path);
            case START_ARRAY -> sequence(mark, path);
            case VALUE_NUMBER_INT -> scalar(mark, YamlNode.Scalar.Type.INTEGER);
            case VALUE_NUMBER_FLOAT -> scalar(mark, YamlNode.Scalar.Type.FLOAT);
            case VALUE_TRUE, VALUE_FALSE -> scalar(mark, YamlNode.Scalar.Type.BOOLEAN);
            case VALUE_NULL -> scalar(mark, YamlNode.Scalar.Type.NULL);
            case VALUE_STRING, VALUE_EMBEDDED_OBJECT, NOT_AVAILABLE, END_OBJECT, END_ARRAY, PROPERTY_NAME ->
                scalar(mark, YamlNode.Scalar.Type.STRING);
        };
    }

    private YamlNode scalar(Mark mark, YamlNode.Scalar.Type type) {
        String text = parser.getString();
        return new YamlNode.Scalar(mark, text == null ? "" : text, type);
    }

    private YamlNode sequence(Mark mark, String path) {
        List<YamlNode> items = new ArrayList<>();
        for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            String field = path + "[" + items.size() + "]";
            if (!isAlias(field)) {
                items.add(node(token, field));
            }
        }
        return new YamlNode.Sequence(mark, List.copyOf(items));
    }

    private YamlNode mapping(Mark mark, String path) {
        List<YamlNode.Entry> entries = new ArrayList<>();
        Map<String, Mark> seen = new HashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            Mark at = here();
            String key = parser.currentName();
            String field = path.isEmpty() ? key : path + "." + key;
            JsonToken token = parser.nextToken();
            if (isAlias(field)) {
                continue;
            }
            YamlNode value = node(token, field);
            Mark first = seen.putIfAbsent(key, at);
            if (first == null) {
                entries.add(new YamlNode.Entry(at, key, value));
            } else {
                errors.add(new Remark(at, field, "given twice; the first is in line " + first.line()));
            }
        }
        return new YamlNode.Mapping(mark, List.copyOf(entries));
    }

    private boolean isAlias(String field) {
        boolean alias = parser.isCurrentAlias();
        if (alias) {
            errors.add(new Remark(here(), field, "a YAML alias (*): write the value out"));
        }
        return alias;
    }

    private Mark here() {
        return mark(parser.currentTokenLocation());
    }

    private static Mark mark(@Nullable TokenStreamLocation location) {
        return location == null || location.getLineNr() < 1
                ? Mark.START
                : new Mark(location.getLineNr(), Math.max(location.getColumnNr(), 1));
    }

    private static Remark notYaml(JacksonException e) {
        if (e.getCause() instanceof MarkedYamlEngineException syntax
                && syntax.getProblemMark().isPresent()) {
            org.snakeyaml.engine.v2.exceptions.Mark at = syntax.getProblemMark().get();
            return new Remark(
                    new Mark(at.getLine() + 1, at.getColumn() + 1), "", "not valid YAML: " + syntax.getProblem());
        }
        return new Remark(mark(e.getLocation()), "", "not valid YAML: " + e.getOriginalMessage());
    }
}
