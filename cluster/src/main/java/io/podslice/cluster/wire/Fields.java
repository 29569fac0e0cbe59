package io.podslice.cluster.wire;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Walks over the fields of an encoded message where it lies, by means of protobuf's own reader. A field that is not asked
 * for costs neither a copy nor an object, however large it is, and a message within it costs no copy either. As in protobuf,
 * a field whose wire type is not the expected one is an unknown field. Not safe for use by several threads.
 */
public final class Fields {
    /** Bits of a tag that are the wire type; the field's number is above them. */
    public static final int TYPE = 3;

    /** Wire type of a number or a truth value. */
    public static final int NUMBER = WireFormat.WIRETYPE_VARINT;

    /** Wire type of what has a length: a text, bytes, a message, packed numbers. */
    public static final int BYTES = WireFormat.WIRETYPE_LENGTH_DELIMITED;

    private static final char REPLACEMENT = '\ufffd';

    private final byte[] bytes;
    private final int begin;
    private final CodedInputStream input;
    private int start;
    private int tag;
    private long number;
    private int from;
    private int length;

    private Fields(byte[] bytes, int from, int length) {
        this.bytes = bytes;
        this.begin = from;
        this.input = CodedInputStream.newInstance(bytes, from, length);
    }

    /**
     * A walk over a message from the buffer's position to its limit; neither of them changes. Copies the message if the buffer
     * is read-only or outside of the heap.
     */
    public static Fields of(ByteBuffer message) {
        if (message.hasArray()) {
            return new Fields(message.array(), message.arrayOffset() + message.position(), message.remaining());
        }
        byte[] copy = new byte[message.remaining()];
        message.get(message.position(), copy);
        return new Fields(copy, 0, copy.length);
    }

    /**
     * Goes to the next field.
     *
     * @return false if there is none
     * @throws UnreadableException if the bytes are not encoded protobuf
     */
    public boolean next() throws UnreadableException {
        try {
            start = begin + input.getTotalBytesRead();
            tag = input.readTag();
            if (tag == 0) {
                return false;
            }
            skip();
            return true;
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private void skip() throws IOException {
        switch (WireFormat.getTagWireType(tag)) {
            case WireFormat.WIRETYPE_VARINT -> number = input.readRawVarint64();
            case WireFormat.WIRETYPE_LENGTH_DELIMITED -> {
                length = input.readRawVarint32();
                from = begin + input.getTotalBytesRead();
                input.skipRawBytes(length);
            }
            default -> {
                if (!input.skipField(tag)) {
                    throw new UnreadableException("", "a group ends that has not begun");
                }
            }
        }
    }

    private static UnreadableException unreadable(IOException e) {
        if (e instanceof UnreadableException known) {
            return known;
        }
        return new UnreadableException("", "is not encoded protobuf: " + e.getMessage());
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
        return length;
    }

    /** Returns the content of a field that has a length; shares the message's bytes. */
    public ByteBuffer content() {
        return ByteBuffer.wrap(bytes, from, length).slice();
    }

    /** Returns the field as it stands, tag included; shares the message's bytes. */
    public ByteBuffer whole() {
        return ByteBuffer.wrap(bytes, start, begin + input.getTotalBytesRead() - start)
                .slice();
    }

    /** Returns a walk over the message that is the field's content. */
    public Fields message() {
        return new Fields(bytes, from, length);
    }

    /**
     * Returns the text that is the field's content.
     *
     * @param name the field's name, for the message of an error
     * @param longest the most bytes that it may have
     * @throws UnreadableException if it is longer, or not UTF-8
     */
    public String text(String name, int longest) throws UnreadableException {
        if (length > longest) {
            throw new UnreadableException(name, "a text of " + length + " bytes, above " + longest);
        }
        String text = new String(bytes, from, length, StandardCharsets.UTF_8);
        if (text.indexOf(REPLACEMENT) >= 0) {
            throw new UnreadableException(name, "a text of " + length + " bytes that is not UTF-8");
        }
        return text;
    }

    /** Tells if the field's content is that text, without a copy of it. */
    public boolean is(byte[] text) {
        return Arrays.equals(bytes, from, from + length, text, 0, text.length);
    }

    /**
     * Goes to the next of packed numbers, in the walk over a field that has them; {@link #number()} then returns it.
     *
     * @return false if there is none
     * @throws UnreadableException if the bytes are no numbers
     */
    public boolean nextPacked() throws UnreadableException {
        try {
            if (input.isAtEnd()) {
                return false;
            }
            number = input.readRawVarint64();
            return true;
        } catch (IOException e) {
            throw unreadable(e);
        }
    }
}
