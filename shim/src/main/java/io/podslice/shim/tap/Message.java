package io.podslice.shim.tap;

import io.podslice.grpc.GrpcStatus;
import io.podslice.grpc.http2.MessageReader;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A whole message as it travelled.
 *
 * @param reader holds it
 * @param encoding the {@code grpc-encoding} of its side of the stream; empty if none was named
 * @param limit the most bytes that it may have when decompressed
 */
record Message(MessageReader reader, String encoding, int limit) {

    /** Thrown for a message that cannot be read; a gRPC server would answer with its status. */
    static final class Unreadable extends Exception {
        @java.io.Serial
        private static final long serialVersionUID = 1L;

        private final transient GrpcStatus status;

        Unreadable(GrpcStatus status) {
            super(status.message());
            this.status = status;
        }

        GrpcStatus status() {
            return status;
        }
    }

    /** Returns the bytes that a message of this length takes on its stream, with gRPC's prefix. */
    static long framedLength(long bytes) {
        return MessageReader.PREFIX_BYTES + bytes;
    }

    /** Copies a message, uncompressed, behind gRPC's prefix. */
    static ByteRange framed(ByteBuffer message) {
        byte[] framed = MessageReader.framed(message);
        return new ByteRange(framed, 0, framed.length);
    }

    /** Makes gRPC's prefix of a message, uncompressed, that follows it. */
    static ByteRange prefix(ByteBuffer message) {
        byte[] prefix = ByteBuffer.allocate(MessageReader.PREFIX_BYTES)
                .put((byte) 0)
                .putInt(message.remaining())
                .array();
        return new ByteRange(prefix, 0, prefix.length);
    }

    /** The status of a message above the limit, in the words of grpc-go. */
    static GrpcStatus tooLarge(long bytes, int limit) {
        return new GrpcStatus(
                GrpcStatus.RESOURCE_EXHAUSTED,
                "grpc: received message larger than max (" + bytes + " vs. " + limit + ")");
    }

    /** The message uncompressed, read-only. */
    ByteBuffer plain() throws Unreadable {
        return switch (reader.flag()) {
            case 0 -> reader.raw();
            case 1 -> decompressed();
            default ->
                throw new Unreadable(new GrpcStatus(
                        GrpcStatus.INTERNAL, "grpc: received unexpected payload format " + (reader.flag() & 0xff)));
        };
    }

    /** Names the fault of gzip data; Java's own text of data that ends too early is sometimes none. */
    private static String reason(IOException fault) {
        return fault instanceof EOFException || fault.getMessage() == null ? "unexpected EOF" : fault.getMessage();
    }

    /** Tells whether the message travelled compressed. */
    boolean isCompressed() {
        return reader.flag() == 1;
    }

    /** Returns the bytes of the message when decompressed, as far as they are within the limit and can be read. */
    long plainLength() {
        try {
            return encoding.equals("gzip") ? reader.gunzippedLength(limit) : 0;
        } catch (IOException e) {
            return 0; // decompressing it says so
        }
    }

    private ByteBuffer decompressed() throws Unreadable {
        if (encoding.isEmpty() || encoding.equals("identity")) {
            throw new Unreadable(
                    new GrpcStatus(GrpcStatus.INTERNAL, "grpc: compressed flag set with identity or empty encoding"));
        }
        if (!encoding.equals("gzip")) {
            // Another runtime might know it: what cannot be read here must not get there unseen.
            throw new Unreadable(new GrpcStatus(
                    GrpcStatus.UNIMPLEMENTED,
                    "grpc: Decompressor is not installed for grpc-encoding \"" + encoding + "\""));
        }
        try {
            ByteBuffer plain = reader.gunzip(limit);
            if (plain == null) {
                throw new Unreadable(new GrpcStatus(
                        GrpcStatus.RESOURCE_EXHAUSTED,
                        "grpc: received message after decompression larger than max " + limit));
            }
            return plain;
        } catch (IOException e) {
            throw new Unreadable(new GrpcStatus(
                    GrpcStatus.INTERNAL, "grpc: failed to decompress the received message: " + reason(e)));
        }
    }
}
