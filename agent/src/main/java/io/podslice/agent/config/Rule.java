package io.podslice.agent.config;

import io.podslice.agent.yaml.Fields;
import io.podslice.agent.yaml.Mark;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * A key of the configuration, as data: the reader, {@code config schema}, the table in docs/configuration.md and the reload
 * all go by it.
 *
 * @param path from the top of the file, e.g. {@code shim.listen}; {@code []} stands for each item of a list
 * @param kind the values that it takes
 * @param shape one value, or a list of them
 * @param byDefault the default as the table shows it, in YAML; empty: none
 * @param change the moment from which a changed value counts
 * @param text a sentence for the table, and for editors
 * @param in finds the value in a configuration; equal values of two configurations are unchanged
 * @param <T> a value
 */
record Rule<T>(
        String path,
        Kind<T> kind,
        Shape shape,
        String byDefault,
        Change change,
        String text,
        Function<Configuration, ?> in) {

    /** The number of values that a key takes. */
    enum Shape {
        ONE,
        LIST
    }

    /** The moment from which a changed value counts. */
    enum Change {
        /** Once podslice has reloaded its configuration. */
        RELOAD("reload"),
        /** Once podslice has been restarted. */
        RESTART("restart");

        private final String word;

        Change(String word) {
            this.word = word;
        }

        /** Returns the word for it in the table. */
        String word() {
            return word;
        }
    }

    /** A key with one value, of which a change counts after a restart. */
    static <T> Rule<T> restart(
            String path, Kind<T> kind, String byDefault, String text, Function<Configuration, ?> in) {
        return new Rule<>(path, kind, Shape.ONE, byDefault, Change.RESTART, text, in);
    }

    /** A key of which a change counts once podslice has reloaded its configuration. */
    static <T> Rule<T> reload(
            String path, Kind<T> kind, Shape shape, String byDefault, String text, Function<Configuration, ?> in) {
        return new Rule<>(path, kind, shape, byDefault, Change.RELOAD, text, in);
    }

    /** Returns the key's name within its mapping. */
    String key() {
        return path.substring(path.lastIndexOf('.') + 1);
    }

    /** Reads the value; the fallback where it is not given, or wrong, which is reported. */
    T read(Fields fields, T fallback) {
        return fields.value(key(), fallback, kind.reading());
    }

    /** Reads the values of a list; what is wrong is reported and left out. */
    List<T> readAll(Fields fields) {
        return fields.list(key(), kind.reading());
    }

    /** Returns the place of the key, or of its mapping where it is not given; call it before the key is read. */
    Mark mark(Fields fields) {
        return fields.mark(key());
    }

    /** Tells if two configurations differ in this key. */
    boolean differs(Configuration one, Configuration other) {
        return !Optional.ofNullable(in.apply(one)).equals(Optional.ofNullable(in.apply(other)));
    }
}
