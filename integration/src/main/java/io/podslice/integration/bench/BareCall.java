package io.podslice.integration.bench;

import io.podslice.cluster.wire.TextFields;
import io.podslice.grpc.http2.Field;
import io.podslice.grpc.http2.Frames;
import io.podslice.grpc.http2.MessageReader;
import java.io.EOFException;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;

/**
 * A gRPC call with bytes that are made beforehand, on a connection of its own, whose reply nothing reads but for its end:
 * the time that the server takes, and the kernel, whatever the client.
 */
final class BareCall {
    private static final int STREAM = 1;
    private static final int ROOM = 64 << 10;

    private final Path socket;
    private final ByteBuffer request;

    /**
     * @param socket on which the server listens
     * @param path {@code /package.Service/Method}
     * @param texts the fields of the request
     */
    BareCall(Path socket, String path, String... texts) {
        byte[] message = MessageReader.framed(TextFields.encoded(texts));
        List<Field> fields = List.of(
                Field.of(":method", "POST"),
                Field.of(":scheme", "http"),
                Field.of(":path", path),
                Field.of(":authority", "localhost"),
                Field.of("content-type", "application/grpc"),
                Field.of("te", "trailers"));
        this.socket = socket;
        this.request = ByteBuffer.allocate(1_024)
                .put(Frames.preface())
                .put(Frames.settings())
                .put(Frames.headers(STREAM, fields, false, new byte[0], Frames.NO_TABLE_UPDATE))
                .put(Frames.data(STREAM, message, 0, message.length, true))
                .flip();
    }

    /** Makes the call and returns the time to the end of its reply, in nanoseconds. */
    long nanos() throws IOException {
        ByteBuffer replies = ByteBuffer.allocate(ROOM);
        long start = System.nanoTime();
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            channel.write(request.duplicate());
            while (!hasEnded(replies)) {
                if (channel.read(replies) <= 0) {
                    throw new EOFException(socket + ": the reply broke off, or is above " + ROOM + " bytes");
                }
            }
            return System.nanoTime() - start;
        }
    }

    private static boolean hasEnded(ByteBuffer replies) {
        for (int at = 0; at + Frames.HEADER_BYTES <= replies.position(); ) {
            int end = at + Frames.HEADER_BYTES + Frames.length(replies, at);
            boolean isWhole = end <= replies.position();
            boolean isLast =
                    Frames.type(replies, at) == Frames.HEADERS && (Frames.flags(replies, at) & Frames.END_STREAM) != 0;
            if (isWhole && isLast) {
                return true;
            }
            at = end;
        }
        return false;
    }
}
