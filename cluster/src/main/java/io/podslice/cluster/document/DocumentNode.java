package io.podslice.cluster.document;

import java.util.List;
import java.util.Map;

/**
 * A part of a JSON or YAML document. Reading what is not there gives {@link Absent}, and reading a part as what it is not
 * gives an empty value: a newer Kubernetes may have changed what podslice does not need.
 */
public sealed interface DocumentNode {

    /** A part that is not there, or null. */
    record Absent() implements DocumentNode {
        static final Absent VALUE = new Absent();
    }

    /** Values by key, in the document's order. */
    record Mapping(Map<String, DocumentNode> values) implements DocumentNode {
        @Override
        public Map<String, DocumentNode> entries() {
            return values;
        }
    }

    /** A list. */
    record Sequence(List<DocumentNode> values) implements DocumentNode {
        @Override
        public List<DocumentNode> items() {
            return values;
        }
    }

    /** A string, a number, true or false, as it is written, without quotes. */
    record Scalar(String value) implements DocumentNode {
        @Override
        public String text() {
            return value;
        }
    }

    /** Returns a mapping's values by key; empty for anything else. */
    default Map<String, DocumentNode> entries() {
        return Map.of();
    }

    /** Returns a list's items; empty for anything else. */
    default List<DocumentNode> items() {
        return List.of();
    }

    /** Returns a scalar's text; empty for anything else. */
    default String text() {
        return "";
    }

    /** Returns a mapping's value; {@link Absent} where there is none. */
    default DocumentNode get(String key) {
        return entries().getOrDefault(key, Absent.VALUE);
    }

    /** Tells if a mapping has the key with a value other than null. */
    default boolean has(String key) {
        return !(get(key) instanceof Absent);
    }
}
