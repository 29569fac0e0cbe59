package io.podslice.cluster.document;

import io.podslice.managers.pod.Printable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.dataformat.yaml.YAMLFactory;
import tools.jackson.dataformat.yaml.YAMLParser;

/**
 * Reads JSON and YAML into trees, with a bounded number of parts and a bounded depth. YAML aliases are refused, so that a
 * small text cannot stand for a large tree.
 */
public final class DocumentReader {
    /** The most parts of a document, each of about 150 bytes on the heap; a pod has some hundred to a thousand. */
    static final int MOST_PARTS = 60_000;

    /** The deepest nesting; a pod has about 15 levels. */
    static final int MOST_LEVELS = 64;

    /** The bulk of an object that the API server sends; nothing reads it. */
    private static final String MANAGED_FIELDS = "managedFields";

    /** The key of a list's items. */
    private static final String ITEMS = "items";

    private final JsonParser parser;
    private final boolean keepsManagers;
    private int parts;

    private DocumentReader(JsonParser parser, boolean keepsManagers) {
        this.parser = parser;
        this.keepsManagers = keepsManagers;
    }

    /** Takes the items of a list one by one. */
    public interface Items {
        /**
         * Takes an item.
         *
         * @throws IOException if the item ends the reading
         */
        void take(DocumentNode item) throws IOException;
    }

    /**
     * Reads a list of the API server's in JSON as it comes, so that no more than one item is held at a time.
     *
     * @param keepsManagers true to keep {@code metadata.managedFields} of the items
     * @param items takes each item of the list
     * @return the list without its items
     * @throws IOException if the text cannot be read, is not JSON, or has an item that is too large
     */
    public static DocumentNode list(InputStream text, boolean keepsManagers, Items items) throws IOException {
        try (JsonParser parser = new JsonFactory().createParser(ObjectReadContext.empty(), text)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("not a JSON object");
            }
            return new DocumentReader(parser, keepsManagers).list(items);
        } catch (JacksonException e) {
            if (e.getCause() instanceof IOException cause) {
                throw cause;
            }
            throw invalid("JSON", e);
        }
    }

    private DocumentNode list(Items items) throws IOException {
        Map<String, DocumentNode> values = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            JsonToken token = parser.nextToken();
            parts = 0;
            if (!key.equals(ITEMS) || token != JsonToken.START_ARRAY) {
                values.put(key, node(token, 1));
                continue;
            }
            for (JsonToken item = parser.nextToken(); item != JsonToken.END_ARRAY; item = parser.nextToken()) {
                parts = 0;
                items.take(node(item, 2));
            }
        }
        return new DocumentNode.Mapping(values);
    }

    /**
     * Reads one JSON value in UTF-8.
     *
     * @throws IOException if it is not JSON, has anything after the value, or is too large
     */
    public static DocumentNode json(byte[] text) throws IOException {
        return read("JSON", () -> new JsonFactory().createParser(ObjectReadContext.empty(), text), true);
    }

    /**
     * Reads the first document of a text in YAML, of which JSON is a part for the most part.
     *
     * @return {@link DocumentNode.Absent} if it is empty
     * @throws IOException if it is not YAML, has an alias, or is too large
     */
    public static DocumentNode yaml(String text) throws IOException {
        return read("YAML", () -> new YAMLFactory().createParser(ObjectReadContext.empty(), text), false);
    }

    /**
     * Reads the first document of a text that is either; as JSON if it begins as a JSON object does.
     *
     * @throws IOException if it is neither
     */
    public static DocumentNode either(String text) throws IOException {
        if (!text.stripLeading().startsWith("{")) {
            return yaml(text);
        }
        try {
            return json(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException notJson) {
            try {
                return yaml(text);
            } catch (IOException notYaml) {
                notJson.addSuppressed(notYaml);
                throw notJson;
            }
        }
    }

    private static DocumentNode read(String language, Supplier<JsonParser> factory, boolean whole) throws IOException {
        try (JsonParser parser = factory.get()) {
            JsonToken first = parser.nextToken();
            if (first == null) {
                return DocumentNode.Absent.VALUE;
            }
            DocumentNode node = new DocumentReader(parser, false).node(first, 0);
            if (whole && parser.nextToken() != null) {
                throw new IOException("not valid " + language + ": more after the end of the value");
            }
            return node;
        } catch (JacksonException e) {
            throw invalid(language, e);
        }
    }

    private static IOException invalid(String language, JacksonException e) {
        String at = e.getLocation() == null ? "" : " in line " + e.getLocation().getLineNr();
        return new IOException("not valid " + language + at + ": " + Printable.of(e.getOriginalMessage(), 200), e);
    }

    private DocumentNode node(JsonToken token, int level) throws IOException {
        if (++parts > MOST_PARTS) {
            throw new IOException("has more than " + MOST_PARTS + " parts");
        }
        if (level > MOST_LEVELS) {
            throw new IOException("has more than " + MOST_LEVELS + " levels");
        }
        if (isAlias()) {
            throw new IOException("has a YAML alias (*), which is not read: write the value out");
        }
        return switch (token) {
            case START_OBJECT -> mapping(level);
            case START_ARRAY -> sequence(level);
            case VALUE_NULL -> DocumentNode.Absent.VALUE;
            default -> {
                String text = parser.getString();
                yield new DocumentNode.Scalar(text == null ? "" : text);
            }
        };
    }

    private DocumentNode mapping(int level) throws IOException {
        Map<String, DocumentNode> values = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            JsonToken token = parser.nextToken();
            if (key.equals(MANAGED_FIELDS) && !keepsManagers) {
                parser.skipChildren();
            } else {
                values.put(key, node(token, level + 1));
            }
        }
        return new DocumentNode.Mapping(values);
    }

    private DocumentNode sequence(int level) throws IOException {
        List<DocumentNode> values = new ArrayList<>();
        for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            values.add(node(token, level + 1));
        }
        return new DocumentNode.Sequence(values);
    }

    private boolean isAlias() {
        return parser instanceof YAMLParser yaml && yaml.isCurrentAlias();
    }
}
