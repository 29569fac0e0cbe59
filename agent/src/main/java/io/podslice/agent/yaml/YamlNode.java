package io.podslice.agent.yaml;

import java.util.List;

/** A YAML document as a tree that remembers where each part of it stood. */
public sealed interface YamlNode {

    Mark mark();

    /** Describes this node for messages: {@code a list}, {@code an integer (8)}. */
    String described();

    /** Tells if this is the value of a key that was left empty. */
    default boolean isEmpty() {
        return false;
    }

    /**
     * A scalar.
     *
     * @param text as written, without quotes
     * @param type its type by YAML's core schema
     */
    record Scalar(Mark mark, String text, Type type) implements YamlNode {
        enum Type {
            STRING("a string"),
            INTEGER("an integer"),
            FLOAT("a number"),
            BOOLEAN("a boolean"),
            NULL("an empty value");

            private final String kind;

            Type(String kind) {
                this.kind = kind;
            }
        }

        /** Tells if it is a string, by its quotes or because its form is that of no other type. */
        public boolean isString() {
            return type == Type.STRING;
        }

        @Override
        public String described() {
            return isEmpty() ? type.kind : type.kind + " (" + text + ")";
        }

        @Override
        public boolean isEmpty() {
            return type == Type.NULL;
        }
    }

    record Sequence(Mark mark, List<YamlNode> items) implements YamlNode {
        @Override
        public String described() {
            return "a list";
        }
    }

    /** A mapping, its entries in the file's order; keys are unique. */
    record Mapping(Mark mark, List<Entry> entries) implements YamlNode {
        @Override
        public String described() {
            return "a mapping";
        }
    }

    record Entry(Mark mark, String key, YamlNode value) {}
}
