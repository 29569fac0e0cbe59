package io.podslice.shim;

import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Walks over the fields of an encoded message where it lies, and copies nothing. Not safe for use by several threads. */
final class FieldWalk {
    private static final int MOST_NESTED_GROUPS = 100;
    private static final int LONGEST_VARINT = 10;

    private final ByteBuffer message;
    private int tag;
    private int from;
    private int contentFrom;
    private int at;

    /** @param message from index 0 to its limit; its position neither counts nor changes */
    FieldWalk(ByteBuffer message) {
        this.message = message;
    }

    /**
     * Goes to the next field.
     *
     * @return false if there is none
     * @throws IOException if the bytes are not encoded protobuf
     */
    boolean next() throws IOException {
        from = at;
        if (at == message.limit()) {
            return false;
        }
        tag = readTag();
        skipContent(tag, 0);
        return true;
    }

    /** Returns the field's tag: its number times eight, and its wire type. */
    int tag() {
        return tag;
    }

    /** Returns the index of the tag's first byte. */
    int from() {
        return from;
    }

    /** Returns the index after the field's last byte. */
    int to() {
        return at;
    }

    /** Returns the whole field as it is encoded. */
    ByteBuffer field() {
        return message.slice(from, at - from);
    }

    /** Returns the content of a field that is delimited by a length. */
    ByteBuffer content() {
        return message.slice(contentFrom, at - contentFrom);
    }

    private int readTag() throws IOException {
        int read = (int) readVarint();
        if (WireFormat.getTagFieldNumber(read) == 0) {
            throw new IOException("a field without a number");
        }
        return read;
    }

    private void skipContent(int of, int depth) throws IOException {
        switch (WireFormat.getTagWireType(of)) {
            case WireFormat.WIRETYPE_VARINT -> readVarint();
            case WireFormat.WIRETYPE_FIXED64 -> skip(Long.BYTES);
            case WireFormat.WIRETYPE_FIXED32 -> skip(Integer.BYTES);
            case WireFormat.WIRETYPE_LENGTH_DELIMITED -> {
                long length = readVarint();
                contentFrom = at;
                skip(length);
            }
            case WireFormat.WIRETYPE_START_GROUP -> skipGroup(WireFormat.getTagFieldNumber(of), depth + 1);
            default -> throw new IOException("field " + WireFormat.getTagFieldNumber(of) + " has no valid wire type");
        }
    }

    private void skipGroup(int number, int depth) throws IOException {
        if (depth > MOST_NESTED_GROUPS) {
            throw new IOException("groups nested too deeply");
        }
        while (true) {
            int inner = readTag();
            if (WireFormat.getTagWireType(inner) == WireFormat.WIRETYPE_END_GROUP) {
                if (WireFormat.getTagFieldNumber(inner) != number) {
                    throw new IOException("a group ends that has not begun");
                }
                return;
            }
            skipContent(inner, depth);
        }
    }

    private void skip(long bytes) throws IOException {
        if (bytes < 0 || bytes > message.limit() - at) {
            throw new IOException("the message ends within a field");
        }
        at += (int) bytes;
    }

    private long readVarint() throws IOException {
        long value = 0;
        for (int i = 0; i < LONGEST_VARINT; i++) {
            if (at == message.limit()) {
                throw new IOException("the message ends within a number");
            }
            byte b = message.get(at++);
            value |= (long) (b & 0x7f) << (7 * i);
            if (b >= 0) {
                return value;
            }
        }
        throw new IOException("a number of more than ten bytes");
    }
}
