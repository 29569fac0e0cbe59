package io.podslice.cgroups.dbus;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads values in D-Bus's format from a buffer in the sender's byte order. A message's values are bounded by number and
 * by depth, so that few bytes cannot become much memory.
 */
final class WireReader {
    /** The most values of one message, those within others counted too; an array of bytes is one. */
    static final int MOST_VALUES = 1 << 16;

    /** The deepest nesting of arrays, structs and variants, as in the specification. */
    private static final int MOST_DEPTH = 64;

    private final ByteBuffer in;
    /** The position from which alignment counts. */
    private final int start;

    private int values;

    /** Reads from the buffer's position, from which alignment counts, to its limit. */
    WireReader(ByteBuffer in) {
        this.in = in;
        this.start = in.position();
    }

    boolean isAtEnd() {
        return !in.hasRemaining();
    }

    /** Returns the values of these types, in order. */
    List<DBusValue> values(String signature) throws DBusException {
        List<DBusValue> read = new ArrayList<>();
        for (String type : Signature.split(signature)) {
            read.add(value(type, 0));
        }
        return read;
    }

    int octet() throws DBusException {
        return need(1).get() & 255;
    }

    int uint32() throws DBusException {
        align(4);
        return need(4).getInt();
    }

    String text() throws DBusException {
        return text(length(uint32(), in.capacity()));
    }

    String signature() throws DBusException {
        return text(octet());
    }

    private String text(int bytes) throws DBusException {
        need(bytes + 1);
        ByteBuffer slice = in.slice(in.position(), bytes);
        in.position(in.position() + bytes);
        if (in.get() != 0) {
            throw DBusException.inconsistent("a text does not end with a zero byte");
        }
        String text;
        try {
            text = StandardCharsets.UTF_8.newDecoder().decode(slice).toString();
        } catch (CharacterCodingException e) {
            throw new DBusException(DBusException.INCONSISTENT_MESSAGE, "a text is not UTF-8", e);
        }
        if (text.indexOf(0) >= 0) {
            throw DBusException.inconsistent("a text has a zero byte within");
        }
        return text;
    }

    void align(int bytes) throws DBusException {
        int over = (in.position() - start) % bytes;
        if (over != 0) {
            need(bytes - over);
            in.position(in.position() + bytes - over);
        }
    }

    /** Reads one value of a type that {@link Signature} has checked. */
    private DBusValue value(String type, int depth) throws DBusException {
        if (++values > MOST_VALUES) {
            throw DBusException.inconsistent("a message has more than " + MOST_VALUES + " values");
        }
        if (depth > MOST_DEPTH) {
            throw DBusException.inconsistent("a value is nested deeper than " + MOST_DEPTH);
        }
        char c = type.charAt(0);
        align(Signature.alignment(c));
        return switch (c) {
            case 'y' -> new DBusValue.Octet(octet());
            case 'b' -> bool(uint32());
            case 'n', 'q' -> new DBusValue.Int16(c, need(2).getShort());
            case 'i', 'u', 'h' -> new DBusValue.Int32(c, uint32());
            case 'x', 't' -> new DBusValue.Int64(c, need(8).getLong());
            case 'd' -> new DBusValue.Real(need(8).getDouble());
            case 's', 'o' -> new DBusValue.Text(c, text());
            case 'g' -> new DBusValue.Text(c, signature());
            case 'v' -> variant(depth);
            case '(', '{' -> struct(type, depth);
            default -> array(type.substring(1), depth);
        };
    }

    private static DBusValue bool(int value) throws DBusException {
        if (value != 0 && value != 1) {
            throw DBusException.inconsistent("a boolean is " + Integer.toUnsignedString(value));
        }
        return new DBusValue.Bool(value == 1);
    }

    private DBusValue variant(int depth) throws DBusException {
        List<String> types = Signature.split(signature());
        if (types.size() != 1) {
            throw DBusException.inconsistent("a variant has " + types.size() + " types");
        }
        return new DBusValue.Variant(value(types.getFirst(), depth + 1));
    }

    private DBusValue struct(String type, int depth) throws DBusException {
        List<DBusValue> fields = new ArrayList<>();
        for (String field : Signature.split(type.substring(1, type.length() - 1))) {
            fields.add(value(field, depth + 1));
        }
        return new DBusValue.Struct(fields);
    }

    private DBusValue array(String element, int depth) throws DBusException {
        int length = length(uint32(), in.capacity());
        align(Signature.alignment(element.charAt(0)));
        need(length);
        int end = in.position() + length;
        if (element.equals("y")) {
            byte[] bytes = new byte[length];
            in.get(bytes);
            return new DBusValue.Octets(new String(bytes, StandardCharsets.ISO_8859_1));
        }
        List<DBusValue> elements = new ArrayList<>();
        while (in.position() < end) {
            elements.add(value(element, depth + 1));
        }
        if (in.position() != end) {
            throw DBusException.inconsistent("an array's last element goes beyond its end");
        }
        return new DBusValue.Array(element, elements);
    }

    private static int length(int unsigned, int most) throws DBusException {
        if (unsigned < 0 || unsigned > most) {
            throw DBusException.inconsistent(
                    "a length of " + Integer.toUnsignedString(unsigned) + " bytes goes beyond the message");
        }
        return unsigned;
    }

    private ByteBuffer need(int bytes) throws DBusException {
        if (in.remaining() < bytes) {
            throw DBusException.inconsistent("a value goes beyond the message's end");
        }
        return in;
    }
}
