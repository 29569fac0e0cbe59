package io.podslice.cluster.wire;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Walks over the fields of an encoded message where it lies. A field that is not asked for costs neither a copy nor an
 * object, however large it is, and a message within it costs none either. As in protobuf, a field whose wire type is not the
 * expected one is an unknown field. Not safe for use by several threads.
 */
public final class Fields {
    /** Bits of a tag that are the wire type; the field's number is above them. */
    public static final int TYPE = 3;

    /** Wire type of a number or a truth value. */
    public static final int NUMBER = 0;

    /** Wire type of what has a length: a text, bytes, a message, packed numbers. */
    public static final int BYTES = 2;

    private static final int FIXED64 = 1;
    private static final int START_GROUP = 3;
    private static final int END_GROUP = 4;
    private static final int FIXED32 = 5;
    private static final int TYPE_MASK = (1 << TYPE) - 1;

    private static final int MOST_NESTED_GROUPS = 100;
    private static final int LONGEST_VARINT = 10;
    private static final char REPLACEMENT = '\ufffd';

    private final ByteBuffer bytes;
    private final int end;
    private int at;
    private int tag;
    private long number;
    private int from;

    private Fields(ByteBuffer bytes, int from, int end) {
        this.bytes = bytes;
        this.at = from;
        this.end = end;
    }

    /** A walk over a message from the buffer's position to its limit; neither of them changes. */
    public static Fields of(ByteBuffer message) {
        return new Fields(message, message.position(), message.limit());
    }

    /**
     * Goes to the next field.
     *
     * @return false if there is none
     * @throws UnreadableException if the bytes are not encoded protobuf
     */
    public boolean next() throws UnreadableException {
        if (at == end) {
            return false;
        }
        tag = readTag();
        skip(tag, 0);
        return true;
    }

    /** Returns the field's tag: its number, shifted by {@link #TYPE}, and its wire type. */
    public int tag() {
        return tag;
    }

    /** Returns the value of a field that is a number. */
    public long number() {
        return number;
    }

    /** Returns the length in bytes of a field that has one. */
    public int length() {
        return at - from;
    }

    /** Returns the content of a field that has a length; shares the message's bytes. */
    public ByteBuffer content() {
        return bytes.slice(from, length());
    }

    /** Returns a walk over the message that is the field's content. */
    public Fields message() {
        return new Fields(bytes, from, at);
    }

    /**
     * Returns the text that is the field's content.
     *
     * @param name the field's name, for the message of an error
     * @param longest the most bytes that it may have
     * @throws UnreadableException if it is longer, or not UTF-8
     */
    public String text(String name, int longest) throws UnreadableException {
        if (length() > longest) {
            throw new UnreadableException(name, "a text of " + length() + " bytes, above " + longest);
        }
        byte[] copy = new byte[length()];
        bytes.get(from, copy);
        String text = new String(copy, StandardCharsets.UTF_8);
        if (text.indexOf(REPLACEMENT) >= 0) {
            throw new UnreadableException(name, "a text of " + length() + " bytes that is not UTF-8");
        }
        return text;
    }

    /** Tells if the field's content is that text, without a copy of it. */
    public boolean is(byte[] text) {
        if (length() != text.length) {
            return false;
        }
        for (int i = 0; i < text.length; i++) {
            if (bytes.get(from + i) != text[i]) {
                return false;
            }
        }
        return true;
    }

    /**
     * Goes to the next of packed numbers, in the walk over a field that has them; {@link #number()} then returns it.
     *
     * @return false if there is none
     * @throws UnreadableException if the bytes are no numbers
     */
    public boolean nextPacked() throws UnreadableException {
        if (at == end) {
            return false;
        }
        number = readVarint();
        return true;
    }

    private int readTag() throws UnreadableException {
        int read = (int) readVarint();
        if (read >>> TYPE == 0) {
            throw new UnreadableException("", "a field without a number");
        }
        return read;
    }

    private void skip(int of, int depth) throws UnreadableException {
        switch (of & TYPE_MASK) {
            case NUMBER -> number = readVarint();
            case FIXED64 -> pass(Long.BYTES);
            case FIXED32 -> pass(Integer.BYTES);
            case BYTES -> {
                long length = readVarint();
                from = at;
                pass(length);
            }
            case START_GROUP -> skipGroup(of >>> TYPE, depth + 1);
            default -> throw new UnreadableException("", "field " + (of >>> TYPE) + " has no valid wire type");
        }
    }

    private void skipGroup(int group, int depth) throws UnreadableException {
        if (depth > MOST_NESTED_GROUPS) {
            throw new UnreadableException("", "groups nested too deeply");
        }
        while (true) {
            int inner = readTag();
            if ((inner & TYPE_MASK) == END_GROUP) {
                if (inner >>> TYPE != group) {
                    throw new UnreadableException("", "a group ends that has not begun");
                }
                return;
            }
            skip(inner, depth);
        }
    }

    private void pass(long count) throws UnreadableException {
        if (count < 0 || count > end - at) {
            throw new UnreadableException("", "the message ends within a field");
        }
        at += (int) count;
    }

    private long readVarint() throws UnreadableException {
        long value = 0;
        for (int i = 0; i < LONGEST_VARINT; i++) {
            if (at == end) {
                throw new UnreadableException("", "the message ends within a number");
            }
            byte b = bytes.get(at++);
            value |= (long) (b & 0x7f) << (7 * i);
            if (b >= 0) {
                return value;
            }
        }
        throw new UnreadableException("", "a number of more than ten bytes");
    }
}
