package io.podslice.grpc.http2;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Puts the first gRPC message of a stream together from the payloads of its DATA frames: one byte that says whether it
 * is compressed, four of length, the message.
 */
public final class MessageReader {
    public static final int PREFIX_BYTES = 5;

    private static final int FIRST_BUFFER = 4096;
    private static final int PART_BYTES = 4096;
    private static final byte[] NOTHING = {};

    private byte[] bytes = new byte[PREFIX_BYTES];
    private int have;
    private long need = PREFIX_BYTES;
    private boolean forgotten;

    /**
     * Takes what belongs to the message.
     *
     * @param from absolute index of the payload's first byte
     * @param to absolute index after its last
     * @return absolute index after the last byte taken; less than {@code to} if more follows the message
     */
    public int take(ByteBuffer payload, int from, int to) {
        if (forgotten) {
            return to;
        }
        int at = from;
        while (at < to && have < need) {
            int n = (int) Math.min(to - at, need - have);
            if (bytes.length < have + n) {
                long grown = Math.max(have + n, Math.max(FIRST_BUFFER, 2L * bytes.length));
                bytes = Arrays.copyOf(bytes, (int) Math.min(grown, need));
            }
            payload.get(at, bytes, have, n);
            at += n;
            have += n;
            if (have == PREFIX_BYTES && need == PREFIX_BYTES) {
                need = PREFIX_BYTES + declared();
                if (need == PREFIX_BYTES) {
                    break;
                }
            }
        }
        return at;
    }

    /** Makes room for the whole message at once. Only once {@link #begun}. */
    public void makeRoom() {
        if (bytes.length < need) {
            bytes = Arrays.copyOf(bytes, (int) need);
        }
    }

    /** Lets the bytes go, and takes no more. */
    public void forget() {
        bytes = NOTHING;
        have = 0;
        need = PREFIX_BYTES;
        forgotten = true;
    }

    /** Tells whether the length of the message is known. */
    public boolean begun() {
        return have >= PREFIX_BYTES;
    }

    /** Tells whether the message has come to its end. */
    public boolean whole() {
        return have >= PREFIX_BYTES && have == need;
    }

    /** Length of the message as declared, without its prefix; 0 to 2^32-1. Only once {@link #begun}. */
    public long declared() {
        return Integer.toUnsignedLong(ByteBuffer.wrap(bytes).getInt(1));
    }

    /** Returns the bytes that have come, prefix included. */
    public int have() {
        return have;
    }

    /** Returns the bytes that are known to be lacking. */
    public long lacks() {
        return need - have;
    }

    /** Returns the bytes that have come, prefix included; valid to {@link #have}. The array is handed over. */
    public byte[] bytes() {
        return bytes;
    }

    /** The compressed flag's byte: 0 or 1 where the message is well-formed. Only once {@link #begun}. */
    public int flag() {
        return bytes[0];
    }

    /** The message as it travels, read-only. Only if {@link #whole}. */
    public ByteBuffer raw() {
        return ByteBuffer.wrap(bytes, PREFIX_BYTES, have - PREFIX_BYTES).slice().asReadOnlyBuffer();
    }

    /**
     * The message, decompressed with gzip.
     *
     * @param limit the most bytes that it may have
     * @return read-only; null if it would be larger
     * @throws IOException if it is not gzip
     */
    public @Nullable ByteBuffer gunzip(int limit) throws IOException {
        long length = gunzippedLength(limit);
        if (length > limit) {
            return null;
        }
        // Its length is known, so that there is never more than one copy.
        try (GZIPInputStream in = zipped()) {
            byte[] plain = new byte[(int) length];
            in.readNBytes(plain, 0, plain.length);
            return ByteBuffer.wrap(plain).asReadOnlyBuffer();
        }
    }

    /**
     * Counts the bytes of the message, decompressed with gzip, and keeps none of them.
     *
     * @param limit the most bytes of interest
     * @return more than the limit if there are more
     * @throws IOException if it is not gzip
     */
    public long gunzippedLength(int limit) throws IOException {
        byte[] part = new byte[PART_BYTES];
        long length = 0;
        try (GZIPInputStream in = zipped()) {
            for (int n = in.read(part); n >= 0 && length <= limit; n = in.read(part)) {
                length += n;
            }
        }
        return length;
    }

    private GZIPInputStream zipped() throws IOException {
        return new GZIPInputStream(new ByteArrayInputStream(bytes, PREFIX_BYTES, have - PREFIX_BYTES));
    }

    /** A message with its prefix, uncompressed. */
    public static byte[] framed(ByteBuffer message) {
        int length = message.remaining();
        byte[] framed = new byte[PREFIX_BYTES + length];
        ByteBuffer.wrap(framed).put((byte) 0).putInt(length);
        message.get(message.position(), framed, PREFIX_BYTES, length);
        return framed;
    }
}
