package io.podslice.cgroups.dbus;

import java.util.List;

/** A value of D-Bus's type system, immutable; unsigned numbers use all bits of Java's signed ones. */
public sealed interface DBusValue {

    /** Returns the value's type as D-Bus writes it, e.g. {@code a(sv)}. */
    String signature();

    /** Type {@code y}, 0 to 255. */
    record Octet(int value) implements DBusValue {
        @Override
        public String signature() {
            return "y";
        }
    }

    /** Type {@code b}. */
    record Bool(boolean value) implements DBusValue {
        @Override
        public String signature() {
            return "b";
        }
    }

    /** Types {@code n} and {@code q}: 16 bits. */
    record Int16(char type, short value) implements DBusValue {
        @Override
        public String signature() {
            return String.valueOf(type);
        }
    }

    /** Types {@code i}, {@code u}, and {@code h}, the index of a file descriptor: 32 bits. */
    record Int32(char type, int value) implements DBusValue {
        @Override
        public String signature() {
            return String.valueOf(type);
        }
    }

    /** Types {@code x} and {@code t}: 64 bits. */
    record Int64(char type, long value) implements DBusValue {
        @Override
        public String signature() {
            return String.valueOf(type);
        }
    }

    /** Type {@code d}. */
    record Real(double value) implements DBusValue {
        @Override
        public String signature() {
            return "d";
        }
    }

    /** Types {@code s}, {@code o} and {@code g}: a text, an object's path, a signature. */
    record Text(char type, String value) implements DBusValue {
        @Override
        public String signature() {
            return String.valueOf(type);
        }
    }

    /** Type {@code v}. */
    record Variant(DBusValue value) implements DBusValue {
        @Override
        public String signature() {
            return "v";
        }
    }

    /**
     * Type {@code a} of any but bytes; for a dictionary the elements are structs.
     *
     * @param element the elements' type, which an empty array has too
     */
    record Array(String element, List<DBusValue> values) implements DBusValue {
        public Array {
            values = List.copyOf(values);
        }

        @Override
        public String signature() {
            return "a" + element;
        }
    }

    /** Type {@code ay}, one character in 0 to 255 for each byte, so that values are immutable and equal by content. */
    record Octets(String bytes) implements DBusValue {
        @Override
        public String signature() {
            return "ay";
        }
    }

    /** A struct, or the entry of a dictionary, which lies in an array of type <code>a{..}</code>. */
    record Struct(List<DBusValue> fields) implements DBusValue {
        public Struct {
            fields = List.copyOf(fields);
        }

        @Override
        public String signature() {
            StringBuilder text = new StringBuilder("(");
            fields.forEach(field -> text.append(field.signature()));
            return text.append(')').toString();
        }
    }

    /** A text. */
    static DBusValue text(String value) {
        return new Text('s', value);
    }

    /** An unsigned number of 64 bits. */
    static DBusValue uint64(long value) {
        return new Int64('t', value);
    }

    /** True or false. */
    static DBusValue bool(boolean value) {
        return new Bool(value);
    }

    /** An array of texts. */
    static DBusValue texts(List<String> values) {
        return new Array("s", values.stream().map(DBusValue::text).toList());
    }

    /** A struct of these fields. */
    static DBusValue struct(DBusValue... fields) {
        return new Struct(List.of(fields));
    }
}
