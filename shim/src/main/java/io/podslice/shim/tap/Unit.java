package io.podslice.shim.tap;

import io.podslice.shim.http2.Field;
import io.podslice.shim.http2.Frames;
import io.podslice.shim.http2.HpackDecoder;
import io.podslice.shim.http2.HpackException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * One frame where it lies in a pump's buffer; a HEADERS or PUSH_PROMISE frame together with its CONTINUATION frames.
 * Used again for each frame.
 */
final class Unit {
    /** HEADERS with this many bytes of CONTINUATION are passed no more: no receiver takes as much. */
    private static final int MAX_BLOCK_BYTES = 16 << 20;

    private static final byte[] NONE = {};

    /** Fields of the header block, if there is one and somebody wanted them. */
    final List<Field> fields = new ArrayList<>();

    /** Whether the header block changed the header table. */
    boolean changedTable;

    /** Whether the header block changed the size of the header table. */
    boolean resizedTable;

    private ByteBuffer buffer;
    private int at;
    private int length;
    private int type;
    private int flags;
    private int stream;
    private int size;
    private int payloadFrom;
    private int payloadTo;

    Unit(ByteBuffer buffer) {
        this.buffer = buffer;
    }

    /** Looks at the frame whose header begins here. */
    void set(ByteBuffer in, int from) {
        buffer = in;
        at = from;
        length = Frames.length(in, from);
        type = Frames.type(in, from);
        flags = Frames.flags(in, from);
        stream = Frames.stream(in, from);
        size = Frames.HEADER_BYTES + length;
    }

    ByteBuffer buffer() {
        return buffer;
    }

    /** Index of the frame's header. */
    int at() {
        return at;
    }

    /** Length of the frame's payload, padding included: what DATA costs of the windows. */
    int length() {
        return length;
    }

    int type() {
        return type;
    }

    int stream() {
        return stream;
    }

    /** Bytes from the frame's header to the end of the unit; with CONTINUATIONs, as far as they are known. */
    int size() {
        return size;
    }

    boolean has(int flag) {
        return (flags & flag) != 0;
    }

    /** Whether its sender's side of the stream ends with it. */
    boolean endsStream() {
        return type <= Frames.HEADERS && has(Frames.END_STREAM);
    }

    boolean opensBlock() {
        return type == Frames.HEADERS || type == Frames.PUSH_PROMISE;
    }

    /**
     * Follows the CONTINUATION frames of a block that begins here; {@link #size} then covers what is known of them.
     *
     * @param end index after the last byte that has come
     * @return false if something else comes between, or the block is too large
     */
    boolean followContinuations(int end) {
        boolean open = !has(Frames.END_HEADERS);
        while (open && end - at >= size + Frames.HEADER_BYTES) {
            int next = at + size;
            size += Frames.HEADER_BYTES + Frames.length(buffer, next);
            if (Frames.type(buffer, next) != Frames.CONTINUATION || Frames.stream(buffer, next) != stream) {
                return false;
            }
            open = (Frames.flags(buffer, next) & Frames.END_HEADERS) == 0;
        }
        if (open) {
            size += Frames.HEADER_BYTES;
        }
        return size <= MAX_BLOCK_BYTES;
    }

    /**
     * Finds the payload between padding and priority.
     *
     * @return false if they leave no room for it
     */
    boolean findPayload() {
        payloadFrom = at + Frames.HEADER_BYTES;
        payloadTo = payloadFrom + length;
        if (has(Frames.PADDED)) {
            if (length == 0) {
                return false;
            }
            payloadTo -= buffer.get(payloadFrom++) & 0xff;
        }
        if (type == Frames.HEADERS && has(Frames.HAS_PRIORITY)) {
            payloadFrom += Frames.PRIORITY_BYTES;
        } else if (type == Frames.PUSH_PROMISE) {
            payloadFrom += Integer.BYTES;
        }
        return payloadFrom <= payloadTo;
    }

    int payloadFrom() {
        return payloadFrom;
    }

    int payloadTo() {
        return payloadTo;
    }

    /** The header block of all the frames, put together. */
    private ByteBuffer joinedBlock() {
        ByteBuffer block = ByteBuffer.allocate(size);
        block.put(buffer.slice(payloadFrom, payloadTo - payloadFrom));
        for (int next = at + Frames.HEADER_BYTES + length; next < at + size; ) {
            int fragment = Frames.length(buffer, next);
            block.put(buffer.slice(next + Frames.HEADER_BYTES, fragment));
            next += Frames.HEADER_BYTES + fragment;
        }
        return block.flip();
    }

    /** Decodes the header block; fields that nobody wants are not kept. */
    void decode(HpackDecoder decoder, boolean wanted) throws HpackException {
        fields.clear();
        if (size > Frames.HEADER_BYTES + length) {
            ByteBuffer block = joinedBlock();
            decoder.decode(block, 0, block.limit(), wanted ? fields : null);
        } else {
            decoder.decode(buffer, payloadFrom, payloadTo, wanted ? fields : null);
        }
        changedTable = decoder.changedTable();
        resizedTable = decoder.resizedTable();
    }

    /** The priority bytes of a HEADERS frame. */
    byte[] priority() {
        if (type != Frames.HEADERS || !has(Frames.HAS_PRIORITY)) {
            return NONE;
        }
        byte[] priority = new byte[Frames.PRIORITY_BYTES];
        buffer.get(payloadFrom - Frames.PRIORITY_BYTES, priority);
        return priority;
    }

    /** The unit as it came. */
    ByteBuffer copy() {
        return ByteBuffer.allocate(size).put(buffer.slice(at, size)).flip();
    }

    /** A number in the payload. */
    int number(int offset) {
        return buffer.getInt(at + Frames.HEADER_BYTES + offset);
    }

    int shortNumber(int offset) {
        return buffer.getShort(at + Frames.HEADER_BYTES + offset) & 0xffff;
    }

    /** Changes a number in the payload, where it lies. */
    void number(int offset, int value) {
        buffer.putInt(at + Frames.HEADER_BYTES + offset, value);
    }
}
