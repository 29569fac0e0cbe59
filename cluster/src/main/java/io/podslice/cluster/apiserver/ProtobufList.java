package io.podslice.cluster.apiserver;

import com.google.protobuf.WireFormat;
import io.podslice.cluster.wire.Fields;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Reads a page of a list in protobuf from the body of an answer, object by object: the envelope's field with the list is as
 * long as the page, and is never held as a whole. For one page.
 */
final class ProtobufList {
    private static final int LIST = 2 << Fields.TYPE | Fields.BYTES;
    private static final int ENCODING = 3 << Fields.TYPE | Fields.BYTES;

    private static final int METADATA = 1 << Fields.TYPE | Fields.BYTES;
    private static final int ITEMS = 2 << Fields.TYPE | Fields.BYTES;

    private final Body body;
    private final ListItems items;
    private final Deadline deadline;

    /** The number of bytes that have been read. */
    private long at;

    ProtobufList(Body body, ListItems items, Deadline deadline) {
        this.body = body;
        this.items = items;
        this.deadline = deadline;
    }

    ListEnd read() throws IOException {
        if (!Arrays.equals(body.read(ProtobufWire.MAGIC.length, deadline), ProtobufWire.MAGIC)) {
            throw new IOException("the API server sends a list without its envelope");
        }
        ListEnd end = ListEnd.NONE;
        for (int first = body.read(deadline); first >= 0; first = body.read(deadline)) {
            int tag = (int) number(first & 0xff);
            if (tag == LIST) {
                end = list(length());
            } else if (tag == ENCODING && length() > 0) {
                throw new IOException("the API server sends a list in an encoding that it was not asked for");
            } else if (tag != ENCODING) {
                skip(tag);
            }
        }
        return end;
    }

    private ListEnd list(long length) throws IOException {
        ListEnd end = ListEnd.NONE;
        long last = at + length;
        while (at < last) {
            int tag = (int) number(one());
            switch (tag) {
                case METADATA -> end = ListEnd.read(Fields.of(ByteBuffer.wrap(bytes(ListEnd.MOST_BYTES, last))));
                case ITEMS -> items.message(ByteBuffer.wrap(bytes(Wire.MOST_POD_BYTES, last)));
                default -> skip(tag);
            }
        }
        if (at > last) {
            throw tooLong();
        }
        return end;
    }

    /**
     * Reads what has a length.
     *
     * @param last the end of the list
     */
    private byte[] bytes(int most, long last) throws IOException {
        long length = length();
        if (length > most) {
            throw new IOException(
                    "the API server announces an object of " + length + " bytes in a list; it may have " + most);
        }
        if (length > last - at) {
            throw tooLong();
        }
        byte[] read = body.read((int) length, deadline);
        at += read.length;
        if (read.length < length) {
            throw broken();
        }
        return read;
    }

    private void skip(int tag) throws IOException {
        long left = switch (WireFormat.getTagWireType(tag)) {
            case WireFormat.WIRETYPE_VARINT -> {
                var _ = number(one());
                yield 0;
            }
            case WireFormat.WIRETYPE_FIXED64 -> Long.BYTES;
            case WireFormat.WIRETYPE_FIXED32 -> Integer.BYTES;
            case WireFormat.WIRETYPE_LENGTH_DELIMITED -> length();
            default -> throw new IOException("the API server sends a list that is not encoded protobuf");
        };
        while (left > 0) {
            var _ = one();
            left--;
        }
    }

    private long length() throws IOException {
        long length = number(one());
        if (length < 0) {
            throw new IOException("the API server announces a length below 0 in a list");
        }
        return length;
    }

    private int one() throws IOException {
        int one = body.read(deadline);
        if (one < 0) {
            throw broken();
        }
        at++;
        return one;
    }

    /** Reads a number of which the first byte has come. */
    private long number(int first) throws IOException {
        long number = first & 0x7f;
        int next = first;
        for (int shift = 7; (next & 0x80) != 0; shift += 7) {
            if (shift >= Long.SIZE) {
                throw new IOException("the API server sends a list with a number of more than 64 bits");
            }
            next = one();
            number |= (long) (next & 0x7f) << shift;
        }
        return number;
    }

    private static IOException tooLong() {
        return new IOException("the API server sends a list with an object that is longer than the list");
    }

    private static IOException broken() {
        return new IOException("a list of the API server's ends within an object");
    }
}
