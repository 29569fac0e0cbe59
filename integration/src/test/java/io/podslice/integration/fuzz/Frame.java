package io.podslice.integration.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** One HTTP/2 frame (RFC 9113, section 4.1). The payload is not copied, and callers must not write to it. */
final class Frame {

    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int PRIORITY = 2;
    static final int RST_STREAM = 3;
    static final int SETTINGS = 4;
    static final int PING = 6;
    static final int GOAWAY = 7;
    static final int WINDOW_UPDATE = 8;
    static final int CONTINUATION = 9;

    static final int END_STREAM = 0x1;
    static final int ACK = 0x1;
    static final int END_HEADERS = 0x4;
    static final int PADDED = 0x8;
    static final int PRIORITIZED = 0x20;

    static final int HEADER_BYTES = 9;

    private static final String[] NAMES = {
        "DATA",
        "HEADERS",
        "PRIORITY",
        "RST_STREAM",
        "SETTINGS",
        "PUSH_PROMISE",
        "PING",
        "GOAWAY",
        "WINDOW_UPDATE",
        "CONTINUATION"
    };

    private final int type;
    private final int flags;
    private final int stream;
    private final byte[] payload;

    Frame(int type, int flags, int stream, byte[] payload) {
        this.type = type;
        this.flags = flags;
        this.stream = stream;
        this.payload = payload;
    }

    static Frame windowUpdate(int stream, int increment) {
        return new Frame(WINDOW_UPDATE, 0, stream, integer(increment));
    }

    static Frame reset(int stream, int code) {
        return new Frame(RST_STREAM, 0, stream, integer(code));
    }

    static byte[] integer(int value) {
        return ByteBuffer.allocate(4).putInt(value).array();
    }

    int type() {
        return type;
    }

    int flags() {
        return flags;
    }

    boolean has(int flag) {
        return (flags & flag) != 0;
    }

    int stream() {
        return stream;
    }

    byte[] payload() {
        return payload;
    }

    int length() {
        return payload.length;
    }

    /** Returns the payload's integer at an offset. */
    int integerAt(int offset) {
        return ByteBuffer.wrap(payload).getInt(offset);
    }

    /**
     * Returns the bytes of a DATA frame, or the header block fragment of a HEADERS frame: without padding and priority.
     */
    ByteBuffer content() {
        int from = 0;
        int to = payload.length;
        if (has(PADDED) && (type == DATA || type == HEADERS)) {
            from = 1;
            to -= payload[0] & 0xff;
        }
        if (type == HEADERS && has(PRIORITIZED)) {
            from += 5;
        }
        if (from > to) {
            throw new Violation("padding longer than " + this);
        }
        return ByteBuffer.wrap(payload, from, to - from);
    }

    void writeTo(ByteArrayOutputStream out) {
        out.write(payload.length >> 16);
        out.write(payload.length >> 8);
        out.write(payload.length);
        out.write(type);
        out.write(flags);
        out.writeBytes(integer(stream));
        out.writeBytes(payload);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Frame frame
                && type == frame.type
                && flags == frame.flags
                && stream == frame.stream
                && Arrays.equals(payload, frame.payload);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(payload) * 31 + stream;
    }

    @Override
    public String toString() {
        String name = type < NAMES.length ? NAMES[type] : "type " + type;
        String value = payload.length == 4 ? "=" + integerAt(0) : "";
        return "%s[stream %d, flags %x, %d bytes%s]".formatted(name, stream, flags, payload.length, value);
    }
}
