package io.podslice.agent.yaml;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads the keys of one mapping, one by one; {@link #end} reports every key that was not read as unknown. A bad value
 * becomes an error and reads as the fallback, so that one pass finds every mistake of a file.
 */
public final class Fields {
    private final String path;
    private final Remarks remarks;
    private final Mark at;
    /** True if the keys are data, such as names of annotations; a path has such keys in brackets. */
    private final boolean isMap;

    private final Map<String, YamlNode.Entry> unread = new LinkedHashMap<>();

    /** @param node a mapping; null or an empty value gives no keys; anything else is an error */
    public Fields(@Nullable YamlNode node, String path, Remarks remarks) {
        this(node, path, remarks, false);
    }

    private Fields(@Nullable YamlNode node, String path, Remarks remarks, boolean isMap) {
        this.isMap = isMap;
        this.path = path;
        this.remarks = remarks;
        this.at = node == null ? Mark.START : node.mark();
        if (node instanceof YamlNode.Mapping mapping) {
            mapping.entries().forEach(entry -> unread.put(entry.key(), entry));
        } else if (node != null && !node.isEmpty()) {
            remarks.error(node.mark(), path, "must be a mapping, not " + node.described());
        }
    }

    /** The path of this mapping from the top of the document; empty for the top itself. */
    public String path() {
        return path;
    }

    /** The path of a key from the top of the document, e.g. {@code shim.listen}. */
    public String path(String key) {
        return isMap ? path + "[" + key + "]" : Remarks.join(path, key);
    }

    /** Removes and returns the entry of a key; null where it is not given. The key counts as known from now on. */
    public YamlNode.@Nullable Entry take(String key) {
        if (!isMap) {
            remarks.field(path(key));
        }
        return unread.remove(key);
    }

    /** Tells if a key is given; call it before the key is read. */
    public boolean has(String key) {
        return unread.containsKey(key);
    }

    /** Returns the place of a key, or of the mapping where the key is not given; call it before the key is read. */
    public Mark mark(String key) {
        YamlNode.Entry entry = unread.get(key);
        return entry == null ? at : entry.mark();
    }

    /** Reports an error at a key of this mapping. */
    public void error(Mark mark, String key, String message) {
        remarks.error(mark, path(key), message);
    }

    /** Reports a note at a key of this mapping. */
    public void note(Mark mark, String key, String message) {
        remarks.note(mark, path(key), message);
    }

    /** Reads a mapping with known keys. */
    public Fields section(String key) {
        return mapping(key, false);
    }

    /** Reads a mapping whose keys are data. */
    public Fields map(String key) {
        return mapping(key, true);
    }

    private Fields mapping(String key, boolean ofData) {
        YamlNode.Entry entry = take(key);
        return new Fields(entry == null ? null : entry.value(), path(key), remarks, ofData);
    }

    /**
     * Reads a scalar of any type by its text; the fallback where the key is not given or its value is wrong.
     *
     * @param parse throws IllegalArgumentException with what is allowed, worded to follow the value and a colon
     */
    public <T> T value(String key, T fallback, Function<String, T> parse) {
        return find(key, parse).orElse(fallback);
    }

    /** Reads a scalar of any type by its text; empty where the key is not given or its value is wrong. */
    public <T> Optional<T> find(String key, Function<String, T> parse) {
        YamlNode.Entry entry = take(key);
        return entry == null ? Optional.empty() : parsed(entry.value(), path(key), parse);
    }

    /** Reads one of an enum's constants, by the text of each. */
    public <E extends Enum<E>> E oneOf(String key, E fallback, Function<E, String> text) {
        return value(key, fallback, given -> constant(given, fallback.getDeclaringClass(), text));
    }

    /** Reads a list of scalars. */
    public <T> List<T> list(String key, Function<String, T> parse) {
        YamlNode.Entry entry = take(key);
        List<T> values = new ArrayList<>();
        int index = 0;
        for (YamlNode item : items(entry, path(key))) {
            parsed(item, path(key) + "[" + index++ + "]", parse).ifPresent(values::add);
        }
        return values;
    }

    /** Reads a list of mappings. */
    public List<Fields> sections(String key) {
        YamlNode.Entry entry = take(key);
        List<Fields> sections = new ArrayList<>();
        for (YamlNode item : items(entry, path(key))) {
            sections.add(new Fields(item, path(key) + "[" + sections.size() + "]", remarks));
        }
        return sections;
    }

    /** Returns the keys that have not been read yet, in the file's order. */
    public List<String> keys() {
        return List.copyOf(unread.keySet());
    }

    /** Reports every key that has not been read as unknown. */
    public void end() {
        unread.values().forEach(entry -> remarks.unknown(entry.mark(), path, entry.key(), "no such key"));
        unread.clear();
    }

    /** Reports every key that has not been read as an unknown option, in the kubelet's words. */
    public void endOptions(String unknown) {
        unread.values()
                .forEach(entry ->
                        remarks.unknown(entry.mark(), path, entry.key(), unknown + ": \"" + entry.key() + "\""));
        unread.clear();
    }

    private List<YamlNode> items(YamlNode.@Nullable Entry entry, String field) {
        if (entry == null || entry.value().isEmpty()) {
            return List.of();
        }
        if (entry.value() instanceof YamlNode.Sequence list) {
            return list.items();
        }
        remarks.error(
                entry.value().mark(),
                field,
                "must be a list, not " + entry.value().described());
        return List.of();
    }

    private <T> Optional<T> parsed(YamlNode node, String field, Function<String, T> parse) {
        if (node.isEmpty()) {
            remarks.error(node.mark(), field, "is empty; leave the key out to have its default");
        } else if (node instanceof YamlNode.Scalar scalar) {
            try {
                return Optional.of(parse.apply(scalar.text()));
            } catch (IllegalArgumentException e) {
                remarks.error(scalar.mark(), field, "\"" + scalar.text() + "\": " + e.getMessage());
            }
        } else {
            remarks.error(node.mark(), field, "must be a single value, not " + node.described());
        }
        return Optional.empty();
    }

    private static <E extends Enum<E>> E constant(String given, Class<E> choices, Function<E, String> text) {
        StringBuilder allowed = new StringBuilder();
        for (E choice : choices.getEnumConstants()) {
            if (text.apply(choice).equals(given)) {
                return choice;
            }
            allowed.append(allowed.isEmpty() ? "" : ", ").append(text.apply(choice));
        }
        throw new IllegalArgumentException("must be one of " + allowed);
    }
}
