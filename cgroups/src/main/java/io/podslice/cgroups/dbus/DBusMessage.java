package io.podslice.cgroups.dbus;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A message that was received. Its arguments are read when they are asked for, so that signals of no interest cost
 * little.
 *
 * @param type {@link #METHOD_CALL}, {@link #METHOD_RETURN}, {@link #ERROR}, {@link #SIGNAL}, or a number that podslice
 *     does not know
 * @param replySerial the serial of the call that this answers; 0 for none
 * @param path the object; null where it is not said, as are the texts below
 * @param face the interface
 * @param member the method's or signal's name
 * @param errorName the error's name
 * @param sender the sender's unique name on the bus
 * @param signature the arguments' types; empty for none
 * @param body the arguments in the sender's byte order; for a signal only good until the handler returns
 */
public record DBusMessage(
        int type,
        int replySerial,
        @Nullable String path,
        @Nullable String face,
        @Nullable String member,
        @Nullable String errorName,
        @Nullable String sender,
        String signature,
        ByteBuffer body) {
    /** A method's call. */
    public static final int METHOD_CALL = 1;
    /** A method's answer. */
    public static final int METHOD_RETURN = 2;
    /** A method's refusal. */
    public static final int ERROR = 3;
    /** A signal. */
    public static final int SIGNAL = 4;

    static final int VERSION = 1;
    static final int PATH = 1;
    static final int INTERFACE = 2;
    static final int MEMBER = 3;
    static final int ERROR_NAME = 4;
    static final int REPLY_SERIAL = 5;
    static final int DESTINATION = 6;
    static final int SENDER = 7;
    static final int SIGNATURE = 8;

    /** The most bytes of one message; PID 1's largest are some tens of KiB. The specification allows 128 MiB. */
    static final int MOST_BYTES = 1 << 20;

    /** Bytes of the part of a header that has a fixed length. */
    static final int FIXED_BYTES = 16;

    /**
     * Returns the length in bytes of the message that begins at the buffer's position; 0 while too little of it is
     * there to know.
     *
     * @throws DBusException if no message begins there, or one that is longer than podslice takes
     */
    static int length(ByteBuffer in) throws DBusException {
        if (in.remaining() < FIXED_BYTES) {
            return 0;
        }
        int at = in.position();
        ByteBuffer ordered = in.duplicate().order(order(in.get(at)));
        if (in.get(at + 3) != VERSION) {
            throw DBusException.inconsistent("protocol version " + (in.get(at + 3) & 255) + ", not " + VERSION);
        }
        long body = Integer.toUnsignedLong(ordered.getInt(at + 4));
        long fields = Integer.toUnsignedLong(ordered.getInt(at + 12));
        long length = FIXED_BYTES + (fields + 7) / 8 * 8 + body;
        if (length > MOST_BYTES) {
            throw DBusException.inconsistent("a message of " + length + " bytes, more than " + MOST_BYTES);
        }
        return (int) length;
    }

    private static ByteOrder order(byte mark) throws DBusException {
        return switch (mark) {
            case 'l' -> ByteOrder.LITTLE_ENDIAN;
            case 'B' -> ByteOrder.BIG_ENDIAN;
            default -> throw DBusException.inconsistent("no message begins with byte " + (mark & 255));
        };
    }

    /**
     * Reads a whole message.
     *
     * @param in exactly the message's bytes; the body is a view of them
     */
    static DBusMessage decoded(ByteBuffer in) throws DBusException {
        ByteOrder order = order(in.get(in.position()));
        ByteBuffer ordered = in.duplicate().order(order);
        int at = ordered.position();
        int type = ordered.get(at + 1) & 255;
        int bodyBytes = ordered.getInt(at + 4);
        int fieldBytes = ordered.getInt(at + 12);
        ordered.position(at + FIXED_BYTES).limit(at + FIXED_BYTES + fieldBytes);
        Fields fields = new Fields();
        // The fields begin at a multiple of 8 in the message, from which their alignment can count.
        WireReader reader = new WireReader(ordered);
        while (!reader.isAtEnd()) {
            reader.align(8);
            fields.read(reader);
        }
        int body = in.limit() - bodyBytes;
        DBusMessage message = new DBusMessage(
                type,
                fields.replySerial,
                fields.path,
                fields.face,
                fields.member,
                fields.errorName,
                fields.sender,
                fields.signature,
                in.slice(body, bodyBytes).order(order));
        message.check();
        return message;
    }

    /** Checks that the header has the fields that its type requires. */
    private void check() throws DBusException {
        boolean complete = switch (type) {
            case METHOD_CALL -> path != null && member != null;
            case METHOD_RETURN -> replySerial != 0;
            case ERROR -> replySerial != 0 && errorName != null;
            case SIGNAL -> path != null && face != null && member != null;
            default -> type != 0;
        };
        if (!complete) {
            throw DBusException.inconsistent("a message of type " + type + " lacks a field of its header");
        }
    }

    /** Returns a message that stays good, with a copy of the body. */
    DBusMessage kept() {
        ByteBuffer copy = ByteBuffer.allocate(body.remaining()).order(body.order());
        copy.put(body.duplicate()).flip();
        return new DBusMessage(type, replySerial, path, face, member, errorName, sender, signature, copy);
    }

    /**
     * Returns the arguments.
     *
     * @throws DBusException if they are not as the signature says
     */
    public List<DBusValue> arguments() throws DBusException {
        WireReader reader = new WireReader(body.duplicate().order(body.order()));
        List<DBusValue> values = reader.values(signature);
        if (!reader.isAtEnd()) {
            throw DBusException.inconsistent("a message has more bytes than its signature \"" + signature + "\"");
        }
        return values;
    }

    /** Tells if this is the signal of that interface and name. */
    public boolean isSignal(String wantedFace, String wantedMember) {
        return type == SIGNAL && wantedMember.equals(member) && wantedFace.equals(face);
    }

    /** Collects the fields of a header. */
    private static final class Fields {
        private int replySerial;
        private @Nullable String path;
        private @Nullable String face;
        private @Nullable String member;
        private @Nullable String errorName;
        private @Nullable String sender;
        private String signature = "";

        void read(WireReader reader) throws DBusException {
            int code = reader.octet();
            DBusValue value = ((DBusValue.Variant) reader.values("v").getFirst()).value();
            switch (code) {
                case PATH -> path = text(value, 'o');
                case INTERFACE -> face = text(value, 's');
                case MEMBER -> member = text(value, 's');
                case ERROR_NAME -> errorName = text(value, 's');
                case SENDER -> sender = text(value, 's');
                case SIGNATURE -> signature = text(value, 'g');
                case REPLY_SERIAL -> {
                    if (!(value instanceof DBusValue.Int32(char type, int serial)) || type != 'u') {
                        throw DBusException.inconsistent("the serial of a reply has type " + value.signature());
                    }
                    replySerial = serial;
                }
                default -> {
                    // The destination is this connection; the specification has unknown fields ignored.
                }
            }
        }

        private static String text(DBusValue value, char wanted) throws DBusException {
            if (value instanceof DBusValue.Text(char type, String text) && type == wanted) {
                return text;
            }
            throw DBusException.inconsistent("a field of a header has type " + value.signature() + ", not " + wanted);
        }
    }
}
