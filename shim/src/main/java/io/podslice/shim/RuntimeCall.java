package io.podslice.shim;

import io.podslice.shim.http2.Field;
import io.podslice.shim.http2.Frames;
import io.podslice.shim.http2.HpackDecoder;
import io.podslice.shim.http2.MessageReader;
import io.podslice.shim.tap.GrpcStatus;
import io.podslice.shim.tap.Header;
import java.io.EOFException;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One unary call of our own to the runtime, on a connection of its own: as much of gRPC as that takes. For one call;
 * {@link #cancel} may be called by any thread, the rest by one.
 */
public final class RuntimeCall {

    /**
     * How the call ended.
     *
     * @param status its status; UNAVAILABLE where the runtime ended the stream without one
     * @param message the reply, if the status is OK; else empty
     */
    public record Result(GrpcStatus status, ByteBuffer message) {}

    private static final int STREAM = 1;
    private static final int MAX_MESSAGE = 16 << 20;
    private static final int MAX_FRAME = 16_384;
    private static final int MAX_BLOCK = 1 << 20;
    /** Set here, or of no meaning for this connection. */
    private static final Set<String> OWN_FIELDS =
            Set.of("content-length", "content-type", "grpc-encoding", "grpc-accept-encoding", "grpc-timeout", "te");

    private final RuntimeSocket runtime;
    private final HpackDecoder decoder = new HpackDecoder(1 << 20);
    private final MessageReader reply = new MessageReader();
    private final List<Field> trailers = new ArrayList<>();
    private @Nullable SocketChannel channel;
    private boolean cancelled;
    private volatile boolean expired;

    private ByteBuffer in = ByteBuffer.allocate(32 << 10).flip();
    private long connectionWindow = Frames.DEFAULT_WINDOW;
    private long streamWindow = Frames.DEFAULT_WINDOW;
    private int initialWindow = Frames.DEFAULT_WINDOW;
    private boolean ended;
    private @Nullable GrpcStatus streamError;

    RuntimeCall(RuntimeSocket runtime) {
        this.runtime = runtime;
    }

    /** A call to the runtime that listens there. */
    public static RuntimeCall to(Path socket, ShimOptions options) {
        return new RuntimeCall(new RuntimeSocket(socket, options.connectTimeout()));
    }

    /** Ends the call if it is under way; it then fails with an exception, as does a call that begins later. */
    public synchronized void cancel() {
        cancelled = true;
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                // It is closed to us, which is what counts; the runtime finds out by itself.
                return;
            }
        }
    }

    /**
     * Calls a method and waits for its end.
     *
     * @param path {@code /package.Service/Method}
     * @param metadata sent along, but for pseudo-header fields and what gRPC sets by itself
     * @param timeoutMillis the deadline that the runtime is told, and after which the call ends with DEADLINE_EXCEEDED;
     *     0: none
     * @throws IOException if the runtime cannot be reached, the connection breaks, or the call is cancelled
     */
    public Result unary(String path, List<Header> metadata, ByteBuffer message, long timeoutMillis) throws IOException {
        try (SocketChannel connected = open()) {
            Thread watchdog = Thread.ofVirtual().start(() -> cancelAfter(timeoutMillis));
            try {
                return call(connected, path, metadata, message, timeoutMillis);
            } catch (IOException e) {
                if (!expired) {
                    throw e;
                }
                GrpcStatus status = new GrpcStatus(GrpcStatus.DEADLINE_EXCEEDED, "context deadline exceeded");
                return new Result(status, ByteBuffer.allocate(0));
            } finally {
                watchdog.interrupt();
            }
        }
    }

    private SocketChannel open() throws IOException {
        SocketChannel connected = runtime.connect();
        synchronized (this) {
            if (!cancelled) {
                channel = connected;
                return connected;
            }
        }
        connected.close();
        throw new IOException("cancelled");
    }

    private void cancelAfter(long timeoutMillis) {
        if (timeoutMillis > 0) {
            try {
                Thread.sleep(timeoutMillis);
                expired = true;
                cancel();
            } catch (InterruptedException ended) {
                return;
            }
        }
    }

    private Result call(SocketChannel to, String path, List<Header> metadata, ByteBuffer message, long timeoutMillis)
            throws IOException {
        send(to, Frames.preface());
        send(to, Frames.settings(Frames.SETTINGS_ENABLE_PUSH, 0, Frames.SETTINGS_INITIAL_WINDOW_SIZE, MAX_MESSAGE));
        send(to, Frames.windowUpdate(0, MAX_MESSAGE));
        send(
                to,
                Frames.headers(
                        STREAM, fields(path, metadata, timeoutMillis), false, new byte[0], Frames.NO_TABLE_UPDATE));
        byte[] framed = MessageReader.framed(message);
        int sent = 0;
        while (sent < framed.length && !ended) {
            int n = (int) Math.min(Math.min(framed.length - sent, MAX_FRAME), Math.min(streamWindow, connectionWindow));
            if (n <= 0) {
                receive(to);
                continue;
            }
            send(to, Frames.data(STREAM, framed, sent, n, sent + n == framed.length));
            sent += n;
            streamWindow -= n;
            connectionWindow -= n;
        }
        while (!ended) {
            receive(to);
        }
        return result();
    }

    private static List<Field> fields(String path, List<Header> metadata, long timeoutMillis) {
        List<Field> fields = new ArrayList<>();
        fields.add(Field.of(":method", "POST"));
        fields.add(Field.of(":scheme", "http"));
        fields.add(Field.of(":path", path));
        // Go's servers insist on an authority, and clients of Unix sockets name this one.
        fields.add(Field.of(":authority", "localhost"));
        fields.add(Field.of("content-type", "application/grpc"));
        fields.add(Field.of("te", "trailers"));
        if (timeoutMillis > 0) {
            fields.add(Field.of("grpc-timeout", GrpcTimeout.of(timeoutMillis)));
        }
        for (Header header : metadata) {
            if (!header.name().startsWith(":") && !OWN_FIELDS.contains(header.name())) {
                fields.add(Field.of(header.name(), header.value()));
            }
        }
        return fields;
    }

    private static void send(SocketChannel to, ByteBuffer frame) throws IOException {
        while (frame.hasRemaining()) {
            to.write(frame);
        }
    }

    // ---- What the runtime sends

    private void receive(SocketChannel from) throws IOException {
        need(from, Frames.HEADER_BYTES);
        int size = Frames.HEADER_BYTES + Frames.length(in, in.position());
        need(from, size);
        int at = in.position();
        int type = Frames.type(in, at);
        if (type == Frames.HEADERS) {
            size = headers(from, size);
        } else {
            frame(from, at, size - Frames.HEADER_BYTES, type);
        }
        in.position(in.position() + size);
    }

    private void frame(SocketChannel from, int at, int length, int type) throws IOException {
        boolean ack = (Frames.flags(in, at) & Frames.ACK) != 0;
        int payload = at + Frames.HEADER_BYTES;
        switch (type) {
            case Frames.DATA -> data(from, at, payload, length);
            case Frames.SETTINGS -> {
                if (!ack) {
                    settings(payload, length);
                    send(from, Frames.settingsAck());
                }
            }
            case Frames.PING -> {
                if (!ack) {
                    send(from, Frames.pingAck(in.getLong(payload)));
                }
            }
            case Frames.WINDOW_UPDATE -> {
                if (Frames.stream(in, at) == 0) {
                    connectionWindow += in.getInt(payload);
                } else {
                    streamWindow += in.getInt(payload);
                }
            }
            case Frames.RST_STREAM -> {
                streamError = new GrpcStatus(
                        GrpcStatus.UNAVAILABLE, "the runtime reset the stream, error " + in.getInt(payload));
                ended = true;
            }
            case Frames.GOAWAY -> {
                if (in.getInt(payload) < STREAM) {
                    throw new IOException("the runtime goes away, error " + in.getInt(payload + 4));
                }
            }
            default -> {
                // PRIORITY, and frames that are not known: of no meaning here.
            }
        }
    }

    private void settings(int payload, int length) {
        for (int i = payload; i + 6 <= payload + length; i += 6) {
            int value = in.getInt(i + 2);
            if (in.getShort(i) == Frames.SETTINGS_INITIAL_WINDOW_SIZE) {
                streamWindow += value - initialWindow;
                initialWindow = value;
            }
        }
    }

    private void data(SocketChannel from, int at, int payload, int length) throws IOException {
        int flags = Frames.flags(in, at);
        boolean padded = (flags & Frames.PADDED) != 0;
        int first = padded ? payload + 1 : payload;
        int last = payload + length - (padded ? in.get(payload) & 0xff : 0);
        if (first > last) {
            throw new IOException("DATA frame of " + length + " bytes with more padding than that");
        }
        reply.take(in, first, last);
        if (reply.begun() && reply.declared() > MAX_MESSAGE) {
            throw new IOException("reply of " + reply.declared() + " bytes, above " + MAX_MESSAGE);
        }
        if (length > 0) {
            send(from, Frames.windowUpdate(0, length));
            send(from, Frames.windowUpdate(STREAM, length));
        }
        ended |= (flags & Frames.END_STREAM) != 0;
    }

    /** Reads a header block; returns how long it is with all its frames. */
    private int headers(SocketChannel from, int first) throws IOException {
        int size = first;
        int flags = Frames.flags(in, in.position());
        boolean open = (flags & Frames.END_HEADERS) == 0;
        ByteBuffer block = ByteBuffer.allocate(open ? MAX_BLOCK : first);
        int at = in.position();
        int skip = (flags & Frames.HAS_PRIORITY) != 0 ? Frames.PRIORITY_BYTES : 0;
        int padding = 0;
        if ((flags & Frames.PADDED) != 0) {
            padding = in.get(at + Frames.HEADER_BYTES) & 0xff;
            skip++;
        }
        int length = size - Frames.HEADER_BYTES - skip - padding;
        if (length < 0) {
            throw new IOException("HEADERS frame of " + size + " bytes with more padding than that");
        }
        block.put(in.slice(at + Frames.HEADER_BYTES + skip, length));
        while (open) {
            need(from, size + Frames.HEADER_BYTES);
            int more = Frames.length(in, in.position() + size);
            need(from, size + Frames.HEADER_BYTES + more);
            at = in.position() + size;
            if (Frames.type(in, at) != Frames.CONTINUATION || more > block.remaining()) {
                throw new IOException("header block broken off, or above " + block.capacity() + " bytes");
            }
            block.put(in.slice(at + Frames.HEADER_BYTES, more));
            open = (Frames.flags(in, at) & Frames.END_HEADERS) == 0;
            size += Frames.HEADER_BYTES + more;
        }
        trailers.clear();
        decoder.decode(block, 0, block.position(), trailers);
        ended |= (flags & Frames.END_STREAM) != 0;
        return size;
    }

    private void need(SocketChannel from, int bytes) throws IOException {
        while (in.remaining() < bytes) {
            if (in.capacity() < bytes) {
                in = ByteBuffer.allocate(Math.max(bytes, 2 * in.capacity()))
                        .put(in)
                        .flip();
            }
            in.compact();
            int n = from.read(in);
            in.flip();
            if (n < 0) {
                throw new EOFException("the runtime closed the connection");
            }
        }
    }

    private Result result() throws IOException {
        if (streamError != null) {
            return new Result(streamError, ByteBuffer.allocate(0));
        }
        String code = trailer("grpc-status");
        if (code == null) {
            return new Result(
                    new GrpcStatus(GrpcStatus.UNAVAILABLE, "the runtime ended the stream without a status"),
                    ByteBuffer.allocate(0));
        }
        String text = trailer("grpc-message");
        GrpcStatus status = new GrpcStatus(
                number(code), text == null ? "" : percentDecoded(text), trailer("grpc-status-details-bin"));
        if (status.code() == GrpcStatus.OK && !reply.whole()) {
            throw new EOFException("the runtime answered OK without a whole message");
        }
        if (status.code() == GrpcStatus.OK && reply.flag() != 0) {
            throw new IOException("the runtime compressed its reply, which it was not told it may");
        }
        return new Result(status, status.code() == GrpcStatus.OK ? reply.raw() : ByteBuffer.allocate(0));
    }

    private @Nullable String trailer(String name) {
        for (Field field : trailers) {
            if (field.name().equals(name)) {
                return field.value();
            }
        }
        return null;
    }

    private static int number(String code) {
        try {
            return Integer.parseInt(code);
        } catch (NumberFormatException e) {
            return GrpcStatus.UNKNOWN;
        }
    }

    private static String percentDecoded(String text) {
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text;
        }
    }
}
