package io.podslice.grpc.http2;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** HTTP/2's frames: numbers of RFC 9113, sections 4 and 6, and the making of whole frames, ready to be written. */
public final class Frames {
    /** Length of a frame's header: 24 bits length, 8 type, 8 flags, 1 reserved, 31 stream. */
    public static final int HEADER_BYTES = 9;

    public static final int DATA = 0;
    public static final int HEADERS = 1;
    public static final int PRIORITY = 2;
    public static final int RST_STREAM = 3;
    public static final int SETTINGS = 4;
    public static final int PUSH_PROMISE = 5;
    public static final int PING = 6;
    public static final int GOAWAY = 7;
    public static final int WINDOW_UPDATE = 8;
    public static final int CONTINUATION = 9;

    /** DATA and HEADERS: the sender's side of the stream ends here. */
    public static final int END_STREAM = 0x1;

    /** SETTINGS and PING. */
    public static final int ACK = 0x1;

    /** HEADERS, PUSH_PROMISE and CONTINUATION. */
    public static final int END_HEADERS = 0x4;

    /** DATA, HEADERS and PUSH_PROMISE. */
    public static final int PADDED = 0x8;

    /** HEADERS. */
    public static final int HAS_PRIORITY = 0x20;

    public static final int PRIORITY_BYTES = 5;

    public static final int SETTINGS_HEADER_TABLE_SIZE = 1;
    public static final int SETTINGS_ENABLE_PUSH = 2;
    public static final int SETTINGS_INITIAL_WINDOW_SIZE = 4;
    public static final int SETTINGS_MAX_FRAME_SIZE = 5;

    public static final int NO_ERROR = 0;
    public static final int FRAME_SIZE_ERROR = 6;
    public static final int REFUSED_STREAM = 7;
    public static final int CANCEL = 8;

    /** Window of a connection, and of a stream unless SETTINGS say otherwise. */
    public static final int DEFAULT_WINDOW = 65_535;

    /** Every receiver takes frames of this length; nothing made here is longer, whatever SETTINGS allow. */
    public static final int MAX_PAYLOAD = 16_384;

    /** Most bytes of padding in a frame, with the one that says how many. */
    public static final int MAX_PADDING = 256;

    /** The first bytes that a client sends. */
    public static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

    /** For {@link #headers}: the block says nothing of the size of the header table. */
    public static final int NO_TABLE_UPDATE = -1;

    private static final int TABLE_UPDATE = 0x20;
    private static final int TABLE_UPDATE_PREFIX = 31;
    private static final int LITERAL_NEVER_INDEXED = 0x10;
    private static final int LITERAL_NOT_INDEXED = 0x00;
    private static final int STRING_PREFIX = 127;

    private Frames() {}

    /** Returns the first bytes that a client sends, ready to be written. */
    public static ByteBuffer preface() {
        return ByteBuffer.wrap(PREFACE.getBytes(StandardCharsets.US_ASCII));
    }

    /** Length of the payload of the frame whose header is at this index. */
    public static int length(ByteBuffer buffer, int at) {
        return (buffer.get(at) & 0xff) << 16 | (buffer.getShort(at + 1) & 0xffff);
    }

    /** Type of the frame whose header is at this index, 0 to 255. */
    public static int type(ByteBuffer buffer, int at) {
        return buffer.get(at + 3) & 0xff;
    }

    /** Flags of the frame whose header is at this index. */
    public static int flags(ByteBuffer buffer, int at) {
        return buffer.get(at + 4);
    }

    /** Stream of the frame whose header is at this index; 0 is the connection. */
    public static int stream(ByteBuffer buffer, int at) {
        return buffer.getInt(at + 5) & Integer.MAX_VALUE;
    }

    private static ByteBuffer frame(int length, int type, int flags, int stream) {
        ByteBuffer frame = ByteBuffer.allocate(HEADER_BYTES + length);
        header(frame, length, type, flags, stream);
        return frame;
    }

    private static void header(ByteBuffer into, int length, int type, int flags, int stream) {
        into.put((byte) (length >>> 16)).put((byte) (length >>> 8)).put((byte) length);
        into.put((byte) type).put((byte) flags).putInt(stream);
    }

    /**
     * A WINDOW_UPDATE frame.
     *
     * @param increment 1 to 2^31-1
     */
    public static ByteBuffer windowUpdate(int stream, int increment) {
        return frame(4, WINDOW_UPDATE, 0, stream).putInt(increment).flip();
    }

    /** A RST_STREAM frame with one of HTTP/2's error codes. */
    public static ByteBuffer rstStream(int stream, int error) {
        return frame(4, RST_STREAM, 0, stream).putInt(error).flip();
    }

    /**
     * A GOAWAY frame.
     *
     * @param last the highest stream of the receiver that the sender has acted on, or may
     * @param error one of HTTP/2's error codes
     */
    public static ByteBuffer goAway(int last, int error) {
        return frame(8, GOAWAY, 0, 0).putInt(last).putInt(error).flip();
    }

    /** SETTINGS with these pairs of identifier and value. */
    public static ByteBuffer settings(int... pairs) {
        ByteBuffer frame = frame(pairs.length * 3, SETTINGS, 0, 0);
        for (int i = 0; i < pairs.length; i += 2) {
            frame.putShort((short) pairs[i]).putInt(pairs[i + 1]);
        }
        return frame.flip();
    }

    /** The acknowledgement of a SETTINGS frame. */
    public static ByteBuffer settingsAck() {
        return frame(0, SETTINGS, ACK, 0).flip();
    }

    /**
     * A PING frame.
     *
     * @param opaque its 8 bytes, which come back with the acknowledgement
     */
    public static ByteBuffer ping(long opaque) {
        return frame(8, PING, 0, 0).putLong(opaque).flip();
    }

    /**
     * The acknowledgement of a PING frame.
     *
     * @param opaque its 8 bytes
     */
    public static ByteBuffer pingAck(long opaque) {
        return frame(8, PING, ACK, 0).putLong(opaque).flip();
    }

    /**
     * A DATA frame.
     *
     * @param length at most {@link #MAX_PAYLOAD}
     */
    public static ByteBuffer data(int stream, byte[] bytes, int from, int length, boolean end) {
        return frame(length, DATA, end ? END_STREAM : 0, stream)
                .put(bytes, from, length)
                .flip();
    }

    /** The header of a DATA frame, whose payload of so many bytes is written behind it. */
    public static ByteBuffer dataHeader(int stream, int length, boolean end) {
        ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
        header(header, length, DATA, end ? END_STREAM : 0, stream);
        return header.flip();
    }

    /**
     * A DATA frame that holds nothing but padding.
     *
     * @param length 1 to {@link #MAX_PADDING}
     */
    public static ByteBuffer padding(int stream, int length, boolean end) {
        return frame(length, DATA, PADDED | (end ? END_STREAM : 0), stream)
                .put((byte) (length - 1))
                .position(HEADER_BYTES + length)
                .flip();
    }

    /**
     * A header block, in one HEADERS frame and as many CONTINUATION frames as it takes. Every field is a literal
     * without indexing, so the block neither needs nor changes the receiver's header table; what the original sender
     * wanted kept out of tables is marked so.
     *
     * @param priority the priority bytes of a HEADERS frame, or none
     * @param tableBytes size to which the receiver's header table shrinks first (RFC 7541, 4.2), or {@link
     *     #NO_TABLE_UPDATE}
     */
    public static ByteBuffer headers(int stream, List<Field> fields, boolean end, byte[] priority, int tableBytes) {
        int size = priority.length + (tableBytes < 0 ? 0 : integerSize(tableBytes, TABLE_UPDATE_PREFIX));
        for (Field field : fields) {
            size += 1 + stringSize(field.nameBytes()) + stringSize(field.valueBytes());
        }
        int frames = Math.max(1, (size + MAX_PAYLOAD - 1) / MAX_PAYLOAD);
        ByteBuffer out = ByteBuffer.allocate(size + frames * HEADER_BYTES);
        // The block is written behind all the frame headers, then its parts move to where they belong.
        out.position(frames * HEADER_BYTES);
        out.put(priority);
        if (tableBytes >= 0) {
            putInteger(out, TABLE_UPDATE, TABLE_UPDATE_PREFIX, tableBytes);
        }
        for (Field field : fields) {
            out.put((byte) (field.sensitive() ? LITERAL_NEVER_INDEXED : LITERAL_NOT_INDEXED));
            putString(out, field.nameBytes());
            putString(out, field.valueBytes());
        }
        byte[] block = new byte[size];
        out.get(frames * HEADER_BYTES, block);
        out.clear();
        for (int i = 0; i < frames; i++) {
            int from = i * MAX_PAYLOAD;
            int length = Math.min(MAX_PAYLOAD, size - from);
            int flags = i == frames - 1 ? END_HEADERS : 0;
            if (i == 0) {
                flags |= (end ? END_STREAM : 0) | (priority.length > 0 ? HAS_PRIORITY : 0);
            }
            header(out, length, i == 0 ? HEADERS : CONTINUATION, flags, stream);
            out.put(block, from, length);
        }
        return out.flip();
    }

    private static int stringSize(byte[] text) {
        return integerSize(text.length, STRING_PREFIX) + text.length;
    }

    private static void putString(ByteBuffer out, byte[] text) {
        putInteger(out, 0, STRING_PREFIX, text.length);
        out.put(text);
    }

    /** Bytes of an integer whose first byte has room for {@code most} (RFC 7541, 5.1). */
    private static int integerSize(int value, int most) {
        int size = 1;
        if (value >= most) {
            size++;
            for (int left = value - most; left >= 128; left >>>= 7) {
                size++;
            }
        }
        return size;
    }

    private static void putInteger(ByteBuffer out, int pattern, int most, int value) {
        if (value < most) {
            out.put((byte) (pattern | value));
            return;
        }
        out.put((byte) (pattern | most));
        int left = value - most;
        while (left >= 128) {
            out.put((byte) ((left & 127) | 128));
            left >>>= 7;
        }
        out.put((byte) left);
    }
}
