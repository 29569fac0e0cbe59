package io.podslice.agent.config;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * A kind of value that a key of the configuration takes.
 *
 * @param reading reads a value's text; throws IllegalArgumentException with what is allowed, worded to follow the value
 *     and a colon
 * @param words the values that are allowed, for the table of keys
 * @param schema the JSON Schema of a value
 * @param <T> a value that was read
 */
record Kind<T>(Function<String, T> reading, String words, Map<String, Object> schema) {

    /** Sorts the schema's keys: the order of a map made by {@code Map.of} changes from one JVM to the next. */
    Kind {
        schema = Collections.unmodifiableMap(new TreeMap<>(schema));
    }
}
