package io.podslice.integration.fuzz;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** Cuts bytes into frames. */
final class FrameReader {

    private ByteBuffer bytes = ByteBuffer.allocate(1 << 12).flip();
    private int limit;
    private byte[] preface = new byte[0];

    /** Sets the longest payload allowed from now on. */
    void limit(int bytes) {
        limit = bytes;
    }

    int limit() {
        return limit;
    }

    /** Expects these bytes before the first frame. */
    void expect(byte[] preface) {
        this.preface = preface;
    }

    void add(ByteBuffer more) {
        bytes.compact();
        if (bytes.remaining() < more.remaining()) {
            ByteBuffer larger =
                    ByteBuffer.allocate(Math.max(bytes.capacity() * 2, bytes.position() + more.remaining()));
            bytes = larger.put(bytes.flip());
        }
        bytes.put(more).flip();
    }

    @Nullable
    Frame next() {
        if (preface.length > 0) {
            if (bytes.remaining() < preface.length) {
                return null;
            }
            byte[] start = new byte[preface.length];
            bytes.get(start);
            if (!Arrays.equals(start, preface)) {
                throw new Violation("a preface of its own: " + HexFormat.of().formatHex(start));
            }
            preface = new byte[0];
        }
        if (bytes.remaining() < Frame.HEADER_BYTES) {
            return null;
        }
        int at = bytes.position();
        int length = bytes.getInt(at) >>> 8;
        if (length > limit) {
            throw new Violation("a frame of %d bytes where %d are allowed".formatted(length, limit));
        }
        if (bytes.remaining() < Frame.HEADER_BYTES + length) {
            return null;
        }
        byte[] payload = new byte[length];
        bytes.get(at + Frame.HEADER_BYTES, payload);
        bytes.position(at + Frame.HEADER_BYTES + length);
        return new Frame(
                bytes.get(at + 3) & 0xff, bytes.get(at + 4) & 0xff, bytes.getInt(at + 5) & 0x7fffffff, payload);
    }
}
