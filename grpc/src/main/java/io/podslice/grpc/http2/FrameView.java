package io.podslice.grpc.http2;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * One frame where it lies in a buffer; a HEADERS or PUSH_PROMISE frame together with its CONTINUATION frames. One view
 * serves a whole connection: it is set on each frame in turn, and copies nothing. Not safe for use by several threads.
 */
public final class FrameView {
    /** Most bytes of a frame with its CONTINUATION frames; no receiver takes as many. */
    private static final int MAX_BLOCK_BYTES = 16 << 20;

    private static final int SETTING_BYTES = 6;
    private static final byte[] NONE = {};
    private static final ByteBuffer NOTHING = ByteBuffer.wrap(NONE);

    private final List<Field> fields = new ArrayList<>();
    private boolean changedTable;
    private boolean resizedTable;
    private ByteBuffer buffer;
    private int at;
    private int length;
    private int type;
    private int flags;
    private int stream;
    private int size;
    private int payloadFrom;
    private int payloadTo;

    /** @param buffer holds the frames until {@link #set} names another */
    public FrameView(ByteBuffer buffer) {
        this.buffer = buffer;
    }

    /**
     * Sets the view on a frame of which at least the header has come.
     *
     * @param from absolute index of the frame's header
     */
    public void set(ByteBuffer in, int from) {
        buffer = in;
        at = from;
        length = Frames.length(in, from);
        type = Frames.type(in, from);
        flags = Frames.flags(in, from);
        stream = Frames.stream(in, from);
        size = Frames.HEADER_BYTES + length;
    }

    /** Lets go of the buffer until the view is set again. */
    public void release() {
        buffer = NOTHING;
    }

    /** Returns the buffer in which the frame lies; indexes of this class are absolute ones in it. */
    public ByteBuffer buffer() {
        return buffer;
    }

    /** Returns the length of the frame's payload in bytes, padding included: what DATA costs of the windows. */
    public int length() {
        return length;
    }

    /** Returns the frame's type, 0 to 255. */
    public int type() {
        return type;
    }

    /** Returns the id of the frame's stream; 0 is the connection. */
    public int stream() {
        return stream;
    }

    /** Returns the bytes from the frame's header to its end; with CONTINUATION frames as far as they are known. */
    public int size() {
        return size;
    }

    /** Tells whether the frame has a flag; what the flag means depends on the type. */
    public boolean has(int flag) {
        return (flags & flag) != 0;
    }

    /** Tells whether its sender's side of the stream ends with this frame. */
    public boolean endsStream() {
        return type <= Frames.HEADERS && has(Frames.END_STREAM);
    }

    /** Tells whether a header block begins in this frame. */
    public boolean opensBlock() {
        return type == Frames.HEADERS || type == Frames.PUSH_PROMISE;
    }

    /**
     * Follows the CONTINUATION frames of a block that begins here; {@link #size} then covers what is known of them.
     *
     * @param end index after the last byte that has come
     * @return false if something else comes between, or the block is above 16 MiB
     */
    public boolean followContinuations(int end) {
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
     * Finds the payload of a DATA, HEADERS or PUSH_PROMISE frame between padding and priority.
     *
     * @return false if they leave no room for it
     */
    public boolean findPayload() {
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

    /** Returns the index of the payload's first byte; valid after {@link #findPayload}. */
    public int payloadFrom() {
        return payloadFrom;
    }

    /** Returns the index after the payload's last byte; valid after {@link #findPayload}. */
    public int payloadTo() {
        return payloadTo;
    }

    /** Puts the header block of all the frames together. */
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

    /**
     * Decodes the header block; valid after {@link #findPayload}, and only once all of the block has come.
     *
     * @param wanted whether {@link #fields} is filled; if not, only the header table is followed
     * @throws HpackException if the block is not valid, or its fields are above the decoder's limit
     */
    public void decode(HpackDecoder decoder, boolean wanted) throws HpackException {
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

    /**
     * Returns the fields of the block decoded last, in order; the list is the view's own, valid until the next block.
     */
    public List<Field> fields() {
        return fields;
    }

    /** Takes the fields of that name out of the block decoded last; false if it has none. */
    public boolean removeFields(byte[] name) {
        return fields.removeIf(field -> field.isNamed(name));
    }

    /** Tells whether the block decoded last changed the header table. */
    public boolean changedTable() {
        return changedTable;
    }

    /** Tells whether the block decoded last changed the size of the header table. */
    public boolean resizedTable() {
        return resizedTable;
    }

    /** Returns the priority bytes of a HEADERS frame; empty if it has none. Valid after {@link #findPayload}. */
    public byte[] priority() {
        if (type != Frames.HEADERS || !has(Frames.HAS_PRIORITY)) {
            return NONE;
        }
        byte[] priority = new byte[Frames.PRIORITY_BYTES];
        buffer.get(payloadFrom - Frames.PRIORITY_BYTES, priority);
        return priority;
    }

    /** Copies the frame, with its CONTINUATION frames, as it came. */
    public ByteBuffer copy() {
        return ByteBuffer.allocate(size).put(buffer.slice(at, size)).flip();
    }

    /** Reads the values of one setting in a SETTINGS frame. */
    public SettingValues setting(int identifier) {
        SettingValues values = SettingValues.NONE;
        for (int offset = 0; offset + SETTING_BYTES <= length; offset += SETTING_BYTES) {
            if (shortNumber(offset) == identifier) {
                values = values.and(number(offset + Short.BYTES));
            }
        }
        return values;
    }

    /** Writes another value of a setting where a SETTINGS frame has it. */
    public void changeSetting(int identifier, int value) {
        for (int offset = 0; offset + SETTING_BYTES <= length; offset += SETTING_BYTES) {
            if (shortNumber(offset) == identifier) {
                number(offset + Short.BYTES, value);
            }
        }
    }

    /** Reads 32 bits, {@code offset} bytes behind the frame's header. */
    public int number(int offset) {
        return buffer.getInt(at + Frames.HEADER_BYTES + offset);
    }

    /** Reads 16 bits, {@code offset} bytes behind the frame's header; 0 to 65535. */
    public int shortNumber(int offset) {
        return buffer.getShort(at + Frames.HEADER_BYTES + offset) & 0xffff;
    }

    /** Writes 32 bits where they lie, {@code offset} bytes behind the frame's header. */
    public void number(int offset, int value) {
        buffer.putInt(at + Frames.HEADER_BYTES + offset, value);
    }
}
