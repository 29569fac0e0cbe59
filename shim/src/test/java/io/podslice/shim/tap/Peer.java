package io.podslice.shim.tap;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.podslice.grpc.http2.Frames;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** One end of an HTTP/2 connection, driven by hand. Its HPACK is Netty's, and sees every header block. */
final class Peer implements AutoCloseable {

    /** A frame as it came; the fields if it is a HEADERS frame. */
    record Frame(int type, int flags, int stream, ByteBuffer payload, List<String> fields) {

        boolean ends() {
            return type <= Frames.HEADERS && (flags & Frames.END_STREAM) != 0;
        }

        int number() {
            return payload.getInt(0);
        }

        @Override
        public String toString() {
            String name = switch (type) {
                case Frames.DATA -> "DATA(" + payload.limit() + ")";
                case Frames.HEADERS -> "HEADERS" + fields;
                case Frames.RST_STREAM -> "RST_STREAM(" + number() + ")";
                case Frames.SETTINGS -> "SETTINGS";
                case Frames.WINDOW_UPDATE -> "WINDOW_UPDATE(" + number() + ")";
                case Frames.GOAWAY -> "GOAWAY";
                case Frames.PING -> "PING";
                default -> "type " + type;
            };
            return name + "@" + stream + (ends() ? " END" : "");
        }
    }

    /** A type of frames that HTTP/2 does not have: receivers ignore them (RFC 9113, 5.5). */
    private static final int UNKNOWN = 0xEE;

    private final SocketChannel channel;
    private final DefaultHttp2HeadersEncoder encoder;
    private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(false, 1 << 20);
    private ByteBuffer in = ByteBuffer.allocate(1 << 20).flip();

    Peer(SocketChannel channel) {
        this(channel, true);
    }

    /**
     * A peer at the end of a channel.
     *
     * @param indexing whether its header blocks may use the header table
     */
    Peer(SocketChannel channel, boolean indexing) {
        this.channel = channel;
        this.encoder = new DefaultHttp2HeadersEncoder((name, value) -> !indexing, false, 64, 20);
    }

    /** From now on header blocks must keep to a table of this size, and the next one must say so if it is smaller. */
    void limitHeaderTable(long bytes) throws Http2Exception {
        decoder.configuration().maxHeaderTableSize(bytes);
    }

    /** The next header block begins by making the table this small. */
    void limitEncodersTable(long bytes) throws Http2Exception {
        encoder.configuration().maxHeaderTableSize(bytes);
    }

    void send(ByteBuffer... frames) throws IOException {
        for (ByteBuffer frame : frames) {
            while (frame.hasRemaining()) {
                channel.write(frame);
            }
        }
    }

    void send(byte[] bytes) throws IOException {
        send(ByteBuffer.wrap(bytes));
    }

    /** A header block; each field as {@code name: value}. */
    byte[] block(String... fields) throws Http2Exception {
        Http2Headers headers = new DefaultHttp2Headers(false);
        for (String field : fields) {
            int colon = field.indexOf(": ", 1);
            headers.add(field.substring(0, colon), field.substring(colon + 2));
        }
        ByteBuf out = Unpooled.buffer();
        encoder.encodeHeaders(1, headers, out);
        return ByteBufUtil.getBytes(out);
    }

    static byte[] frame(int type, int flags, int stream, byte[] payload) {
        byte[] frame = new byte[Frames.HEADER_BYTES + payload.length];
        ByteBuffer out = ByteBuffer.wrap(frame);
        out.put((byte) (payload.length >> 16)).putShort((short) payload.length);
        out.put((byte) type).put((byte) flags).putInt(stream).put(payload);
        return frame;
    }

    /**
     * Sends headers, and behind those of a request a frame of a type that no peer knows, which {@link #next} leaves out: so headers that the
     * tap lets wait for the frame that follows them arrive at once.
     */
    void headers(int stream, boolean end, String... fields) throws IOException, Http2Exception {
        headersAlone(stream, end, fields);
        if (Arrays.stream(fields).anyMatch(field -> field.startsWith(":path: "))) {
            send(frame(UNKNOWN, 0, 0, new byte[0]));
        }
    }

    /** Sends headers, and nothing behind them. */
    void headersAlone(int stream, boolean end, String... fields) throws IOException, Http2Exception {
        send(frame(Frames.HEADERS, Frames.END_HEADERS | (end ? Frames.END_STREAM : 0), stream, block(fields)));
    }

    void data(int stream, boolean end, byte[] payload) throws IOException {
        send(frame(Frames.DATA, end ? Frames.END_STREAM : 0, stream, payload));
    }

    /** The next frame of a type that is known. */
    Frame next() throws IOException, Http2Exception {
        Frame next = nextOfAnyType();
        return next.type() == UNKNOWN ? next() : next;
    }

    private Frame nextOfAnyType() throws IOException, Http2Exception {
        need(Frames.HEADER_BYTES);
        int start = in.position();
        int length = Frames.length(in, start);
        int type = Frames.type(in, start);
        int flags = Frames.flags(in, start);
        int stream = Frames.stream(in, start);
        need(Frames.HEADER_BYTES + length);
        byte[] payload = new byte[length];
        in.position(in.position() + Frames.HEADER_BYTES).get(payload);
        List<String> fields = new ArrayList<>();
        if (type == Frames.HEADERS) {
            byte[] block = payload;
            while ((flags & Frames.END_HEADERS) == 0) {
                need(Frames.HEADER_BYTES);
                int at = in.position();
                int more = Frames.length(in, at);
                flags |= Frames.flags(in, at);
                need(Frames.HEADER_BYTES + more);
                byte[] joined = Arrays.copyOf(block, block.length + more);
                in.position(in.position() + Frames.HEADER_BYTES).get(joined, block.length, more);
                block = joined;
            }
            int skip = (flags & Frames.HAS_PRIORITY) != 0 ? Frames.PRIORITY_BYTES : 0;
            decoder.decodeHeaders(stream, Unpooled.wrappedBuffer(block, skip, block.length - skip))
                    .forEach(field -> fields.add(field.getKey() + ": " + field.getValue()));
        }
        return new Frame(type, flags, stream, ByteBuffer.wrap(payload), fields);
    }

    private void need(int bytes) throws IOException {
        while (in.remaining() < bytes) {
            if (in.capacity() < bytes) {
                in = ByteBuffer.allocate(bytes).put(in).flip();
            }
            in.compact();
            int n = channel.read(in);
            in.flip();
            if (n < 0) {
                throw new EOFException();
            }
        }
    }

    /** The bytes that come next. */
    byte[] bytes(int count) throws IOException {
        need(count);
        byte[] bytes = new byte[count];
        in.get(bytes);
        return bytes;
    }

    /** Tells whether the other side has ended its half, with no frame of a known type before that. */
    boolean atEnd() throws IOException, Http2Exception {
        try {
            need(Frames.HEADER_BYTES);
            while (Frames.type(in, in.position()) == UNKNOWN) {
                nextOfAnyType();
                need(Frames.HEADER_BYTES);
            }
            return false;
        } catch (EOFException e) {
            return !in.hasRemaining();
        }
    }

    void shutdownOutput() throws IOException {
        channel.shutdownOutput();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
