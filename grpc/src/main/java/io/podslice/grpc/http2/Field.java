package io.podslice.grpc.http2;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A header field as it stands in a header block or in a header table. Immutable but for what its reader notes on it.
 */
public final class Field {
    /** Bytes that RFC 7541, 4.1 adds to a field's length for its place in a table. */
    static final int OVERHEAD = 32;

    private final byte[] name;
    private final byte[] value;
    private final boolean sensitive;
    private final boolean shared;
    private @Nullable Object note;

    private Field(byte[] name, byte[] value, boolean sensitive, boolean shared) {
        this.name = name;
        this.value = value;
        this.sensitive = sensitive;
        this.shared = shared;
    }

    /** A field of one connection. */
    static Field of(byte[] name, byte[] value, boolean sensitive) {
        return new Field(name, value, sensitive, false);
    }

    /** A field of the static table, which all connections share. */
    static Field shared(String name, String value) {
        return new Field(bytes(name), bytes(value), false, true);
    }

    /** Makes a field that is sent by podslice itself. */
    public static Field of(String name, String value) {
        return new Field(bytes(name), bytes(value), false, false);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Tells whether its name is this one, given as bytes. */
    public boolean isNamed(byte[] other) {
        return Arrays.equals(name, other);
    }

    /** Returns the name, each char one byte (ISO 8859-1). */
    public String name() {
        return new String(name, StandardCharsets.ISO_8859_1);
    }

    /** Returns the value, each char one byte (ISO 8859-1). */
    public String value() {
        return new String(value, StandardCharsets.ISO_8859_1);
    }

    byte[] nameBytes() {
        return name;
    }

    byte[] valueBytes() {
        return value;
    }

    /** Tells whether the sender forbids that it be put into a table on any hop (RFC 7541, 7.1.3). */
    public boolean sensitive() {
        return sensitive;
    }

    /** Returns the note, so that a reader examines a field that comes by its table index only once; null if none. */
    public @Nullable Object note() {
        return note;
    }

    /** Notes something for the life of the table entry; fields of the static table keep no notes. */
    public void note(Object finding) {
        if (!shared) {
            note = finding;
        }
    }

    int tableSize() {
        return name.length + value.length + OVERHEAD;
    }

    @Override
    public String toString() {
        return name() + ": " + (sensitive ? "…" : value());
    }
}
