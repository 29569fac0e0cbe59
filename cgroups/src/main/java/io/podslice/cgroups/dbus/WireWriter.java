package io.podslice.cgroups.dbus;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Writes values in D-Bus's format, little-endian, into a buffer that grows. */
final class WireWriter {
    private static final int FIRST_BYTES = 256;

    private ByteBuffer out = ByteBuffer.allocate(FIRST_BYTES).order(ByteOrder.LITTLE_ENDIAN);

    int position() {
        return out.position();
    }

    /** Returns what was written. */
    ByteBuffer finished() {
        return out.flip();
    }

    void octet(int value) {
        room(1).put((byte) value);
    }

    void uint32(int value) {
        align(4);
        room(4).putInt(value);
    }

    /** Replaces the number of 32 bits at a position. */
    void replace(int position, int value) {
        out.putInt(position, value);
    }

    void text(String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        uint32(bytes.length);
        room(bytes.length + 1).put(bytes).put((byte) 0);
    }

    void signature(String value) {
        byte[] bytes = value.getBytes(StandardCharsets.US_ASCII);
        octet(bytes.length);
        room(bytes.length + 1).put(bytes).put((byte) 0);
    }

    void align(int bytes) {
        while (out.position() % bytes != 0) {
            octet(0);
        }
    }

    void values(List<DBusValue> values) {
        values.forEach(this::value);
    }

    void value(DBusValue value) {
        switch (value) {
            case DBusValue.Octet(int number) -> octet(number);
            case DBusValue.Bool(boolean on) -> uint32(on ? 1 : 0);
            case DBusValue.Int16(char _, short number) -> {
                align(2);
                room(2).putShort(number);
            }
            case DBusValue.Int32(char _, int number) -> uint32(number);
            case DBusValue.Int64(char _, long number) -> {
                align(8);
                room(8).putLong(number);
            }
            case DBusValue.Real(double number) -> {
                align(8);
                room(8).putDouble(number);
            }
            case DBusValue.Text(char type, String text) when type == 'g' -> signature(text);
            case DBusValue.Text(char _, String text) -> text(text);
            case DBusValue.Variant(DBusValue inner) -> {
                signature(inner.signature());
                value(inner);
            }
            case DBusValue.Octets(String bytes) -> {
                uint32(bytes.length());
                room(bytes.length()).put(bytes.getBytes(StandardCharsets.ISO_8859_1));
            }
            case DBusValue.Struct(List<DBusValue> fields) -> {
                align(8);
                values(fields);
            }
            case DBusValue.Array(String element, List<DBusValue> elements) -> array(element, elements);
        }
    }

    /** The length of an array counts neither itself nor the padding before the first element. */
    private void array(String element, List<DBusValue> elements) {
        uint32(0);
        int length = out.position() - 4;
        align(Signature.alignment(element.charAt(0)));
        int first = out.position();
        values(elements);
        replace(length, out.position() - first);
    }

    private ByteBuffer room(int bytes) {
        if (out.remaining() < bytes) {
            int size = Math.max(2 * out.capacity(), out.position() + bytes);
            out = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN).put(out.flip());
        }
        return out;
    }
}
