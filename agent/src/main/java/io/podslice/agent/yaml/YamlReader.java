package io.podslice.agent.yaml;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.dataformat.yaml.YAMLFactory;
import tools.jackson.dataformat.yaml.YAMLParser;

/** Reads YAML and JSON into trees. Aliases are refused. */
public final class YamlReader {
    /** The beginning of a JSON object; a YAML document in flow style may begin so too. */
    private static final Pattern JSON_START = Pattern.compile("\\s*\\{\\s*[\"}]");

    /** A line that YAML has and JSON cannot have: the mark between two documents, or a comment. */
    private static final Pattern YAML_LINE = Pattern.compile("^(---|\\.\\.\\.|[ \\t]*#)", Pattern.MULTILINE);

    private final JsonParser parser;
    private final Remarks remarks;

    private YamlReader(JsonParser parser, Remarks remarks) {
        this.parser = parser;
        this.remarks = remarks;
    }

    /**
     * Reads a text that is one YAML document; null where the document is empty, or broken, which the remarks then say.
     */
    public static @Nullable YamlNode one(String text, Remarks remarks) {
        List<YamlNode> documents = documents(text, remarks, 1);
        return documents.isEmpty() ? null : documents.getFirst();
    }

    /**
     * Reads a text of any number of documents, JSON or YAML. Empty documents are left out. A broken document is
     * reported in the remarks, and no document after it is read.
     */
    public static List<YamlNode> all(String text, Remarks remarks) {
        return documents(text, remarks, Integer.MAX_VALUE);
    }

    /**
     * Reads JSON as JSON, for its own errors and for what YAML does not allow, such as tabs. A YAML document in flow
     * style may begin as JSON does; a text that is broken as JSON and valid as YAML is read as YAML.
     */
    private static List<YamlNode> documents(String text, Remarks remarks, int most) {
        if (!JSON_START.matcher(text).lookingAt()) {
            return read(new YAMLFactory(), text, remarks, most);
        }
        Remarks asJson = new Remarks();
        List<YamlNode> documents = read(new JsonFactory(), text, asJson, most);
        if (asJson.isBroken()) {
            Remarks asYaml = new Remarks();
            List<YamlNode> flow = read(new YAMLFactory(), text, asYaml, most);
            if (!asYaml.isBroken() || YAML_LINE.matcher(text).find()) {
                remarks.addAll(asYaml);
                return flow;
            }
        }
        remarks.addAll(asJson);
        return documents;
    }

    private static List<YamlNode> read(TokenStreamFactory factory, String text, Remarks remarks, int most) {
        List<YamlNode> documents = new ArrayList<>();
        try (JsonParser parser = factory.createParser(ObjectReadContext.empty(), text)) {
            YamlReader reader = new YamlReader(parser, remarks);
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (documents.size() == most) {
                    remarks.error(reader.here(), "", "a second YAML document: a configuration is one");
                    break;
                }
                YamlNode document = reader.node(token, "");
                if (!document.isEmpty()) {
                    documents.add(document);
                }
            }
        } catch (JacksonException e) {
            broken(e, factory instanceof JsonFactory ? "JSON" : "YAML", remarks);
        }
        return documents;
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
                remarks.error(at, field, "given twice; the first is in line " + first.line());
            }
        }
        return new YamlNode.Mapping(mark, List.copyOf(entries));
    }

    private boolean isAlias(String field) {
        boolean alias = parser instanceof YAMLParser yaml && yaml.isCurrentAlias();
        if (alias) {
            remarks.error(here(), field, "a YAML alias (*): write the value out");
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

    private static void broken(JacksonException e, String language, Remarks remarks) {
        if (e.getCause() instanceof MarkedYamlEngineException syntax
                && syntax.getProblemMark().isPresent()) {
            org.snakeyaml.engine.v2.exceptions.Mark at = syntax.getProblemMark().get();
            remarks.broken(
                    new Mark(at.getLine() + 1, at.getColumn() + 1),
                    "not valid " + language + ": " + syntax.getProblem());
        } else {
            remarks.broken(mark(e.getLocation()), "not valid " + language + ": " + e.getOriginalMessage());
        }
    }
}
